package pgembed

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// programs is one installed PostgreSQL that has PostGIS.
type programs struct {
	bin   string // folder of initdb and postgres
	major int    // 15 for 15.18
}

func (p programs) path(name string) string { return filepath.Join(p.bin, name) }

// findPrograms looks for the newest PostgreSQL with PostGIS, or for the one of the given major version
// when that is not 0: a cluster is only ever read by the version that made it. A folder that is not
// empty is the only place looked at.
func findPrograms(ctx context.Context, bin string, major int) (programs, error) {
	folders := []string{bin}
	if bin == "" {
		folders = programFolders()
	}
	var found []programs
	var lacking []string
	for _, folder := range folders {
		p, err := inspect(ctx, folder)
		switch {
		case err == nil:
			found = append(found, p)
		case !errors.Is(err, os.ErrNotExist):
			lacking = append(lacking, err.Error())
		}
	}
	slices.SortFunc(found, func(a, b programs) int { return b.major - a.major })
	for _, p := range found {
		if major == 0 || p.major == major {
			return p, nil
		}
	}
	return programs{}, noPrograms(folders, found, lacking, major)
}

func noPrograms(folders []string, found []programs, lacking []string, major int) error {
	if len(found) > 0 {
		return fmt.Errorf("private PostGIS: the cluster was made by PostgreSQL %d and the newest installed is %d; install postgresql-%d-postgis-3, or export the data with the old version and start with an empty data folder",
			major, found[0].major, major)
	}
	text := fmt.Sprintf("private PostGIS: no PostgreSQL with PostGIS in %s", strings.Join(folders, ", "))
	if len(lacking) > 0 {
		text += " (" + strings.Join(lacking, "; ") + ")"
	}
	return errors.New(text + "; install it (Debian: apt-get install postgresql postgis postgresql-postgis), or set DATABASE_URL to a database that exists")
}

// programFolders lists where Debian, Fedora and a build from source put the programs, then PATH.
func programFolders() []string {
	var folders []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin"} {
		matches, _ := filepath.Glob(pattern) // the only error is a bad pattern
		folders = append(folders, matches...)
	}
	if path, err := exec.LookPath("postgres"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	if len(folders) == 0 {
		return []string{"/usr/lib/postgresql/*/bin", "PATH"}
	}
	return folders
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(ctx context.Context, bin string) (programs, error) {
	p := programs{bin: bin}
	for _, name := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(p.path(name)); err != nil {
			return p, err
		}
	}
	out, err := exec.CommandContext(ctx, p.path("postgres"), "--version").Output()
	if err != nil {
		return p, fmt.Errorf("%s --version: %w", p.path("postgres"), err)
	}
	match := versionPattern.FindSubmatch(out)
	if match == nil {
		return p, fmt.Errorf("%s --version says %q", p.path("postgres"), out)
	}
	if p.major, err = strconv.Atoi(string(match[1])); err != nil {
		return p, fmt.Errorf("%s --version: %w", p.path("postgres"), err)
	}
	if !p.hasPostGIS(ctx) {
		return p, fmt.Errorf("%s has no PostGIS", bin)
	}
	return p, nil
}

func (p programs) hasPostGIS(ctx context.Context) bool {
	shares := []string{
		filepath.Join("/usr/share/postgresql", strconv.Itoa(p.major)),
		filepath.Join(p.bin, "../share"),
		filepath.Join(p.bin, "../share/postgresql"),
	}
	if out, err := exec.CommandContext(ctx, p.path("pg_config"), "--sharedir").Output(); err == nil {
		shares = []string{strings.TrimSpace(string(out))}
	}
	return slices.ContainsFunc(shares, func(share string) bool {
		_, err := os.Stat(filepath.Join(share, "extension", "postgis.control"))
		return err == nil
	})
}
