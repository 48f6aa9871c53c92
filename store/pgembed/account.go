package pgembed

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is who the server runs as.
type account struct {
	uid, gid uint32
	groups   []uint32
	drop     bool // this process is root and has to give that up for the server
}

// accountFor picks the account: this process's own, or for root the owner of the cluster, so that a
// folder first used without root stays usable without; for a new cluster postgres, or else nobody.
func accountFor(cluster string) (account, error) {
	owner, err := ownerUID(cluster)
	exists := err == nil
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return account{}, fmt.Errorf("private PostGIS: %w", err)
	}
	self := uint32(os.Geteuid())
	switch {
	case self != 0 && exists && owner != self:
		return account{}, fmt.Errorf("private PostGIS: %s belongs to %s and this process runs as %s; run it as the owner, or give it another data folder",
			cluster, nameOf(owner), nameOf(self))
	case self != 0:
		return account{uid: self, gid: uint32(os.Getegid())}, nil
	case exists && owner == 0:
		return account{}, fmt.Errorf("private PostGIS: %s belongs to root, as which PostgreSQL does not run; give it to an ordinary user: chown -R postgres %s", cluster, cluster)
	case exists:
		return droppedTo(strconv.Itoa(int(owner)), user.LookupId)
	}
	for _, name := range []string{"postgres", "nobody"} {
		if acc, err := droppedTo(name, user.Lookup); err == nil {
			return acc, nil
		}
	}
	return account{}, errors.New("private PostGIS: PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as")
}

func droppedTo(key string, lookup func(string) (*user.User, error)) (account, error) {
	u, err := lookup(key)
	if err != nil {
		return account{}, fmt.Errorf("private PostGIS: account of the server: %w", err)
	}
	ids, err := u.GroupIds()
	if err != nil {
		return account{}, fmt.Errorf("private PostGIS: groups of %s: %w", u.Username, err)
	}
	acc := account{drop: true}
	for _, field := range []struct {
		text string
		id   *uint32
	}{{u.Uid, &acc.uid}, {u.Gid, &acc.gid}} {
		if *field.id, err = parseID(field.text); err != nil {
			return account{}, err
		}
	}
	for _, text := range ids {
		id, err := parseID(text)
		if err != nil {
			return account{}, err
		}
		acc.groups = append(acc.groups, id)
	}
	return acc, nil
}

func parseID(text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("private PostGIS: account of the server: %w", err)
	}
	return uint32(id), nil
}

func (a account) credential() *syscall.Credential {
	return &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
}

// own gives path to the account.
func (a account) own(path string) error {
	if !a.drop {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// reaches tells whether the account may pass through every folder down to path. A folder such as /root
// or one made by mktemp is closed to all but its owner. Access control lists are not considered.
func (a account) reaches(path string) bool {
	if !a.drop {
		return true
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || !a.mayPass(info) {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

func (a account) mayPass(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	switch {
	case stat.Uid == a.uid:
		return info.Mode()&0o100 != 0
	case stat.Gid == a.gid || slices.Contains(a.groups, stat.Gid):
		return info.Mode()&0o010 != 0
	}
	return info.Mode()&0o001 != 0
}

func ownerUID(path string) (uint32, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("owner of %s: not told by the file system", path)
	}
	return stat.Uid, nil
}

func nameOf(uid uint32) string {
	if u, err := user.LookupId(strconv.Itoa(int(uid))); err == nil {
		return u.Username
	}
	return fmt.Sprintf("user %d", uid)
}
