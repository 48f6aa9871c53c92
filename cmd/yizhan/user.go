package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/store"
)

const userHelp = `Looks after accounts.

  yizhan user add NAME --role ROLE --unit UNIT   make an account; asks for its password
  yizhan user list                               accounts and their roles
  yizhan user grant NAME --role ROLE --unit UNIT give a role in a unit and all below it
  yizhan user revoke NAME --role ROLE --unit UNIT
  yizhan user reset NAME                         another password, and no second factor
  yizhan user disable NAME                       and user enable NAME
  yizhan user link NAME --subject "ISSUER SUB"   sign in by OpenID Connect

Roles: viewer, station_keeper, planner, reviewer, analyst, admin. A unit is the code of a city, banner,
township or community. The password comes from the terminal, or else from the first line of standard input.`

// userCommand is what one verb needs.
type userCommand struct {
	env                          environment
	store                        *store.Store
	name                         string
	display, role, unit, subject string
	by                           *yizhan.Principal
}

var userVerbs = map[string]func(context.Context, *userCommand) error{
	"add": addUser, "list": listUsers, "reset": resetUser, "grant": grantRole, "revoke": revokeRole, "link": linkUser,
	"disable": func(ctx context.Context, u *userCommand) error { return u.store.SetDisabled(ctx, u.by, u.name, true) },
	"enable":  func(ctx context.Context, u *userCommand) error { return u.store.SetDisabled(ctx, u.by, u.name, false) },
}

func userCommands(ctx context.Context, env environment, args []string) error {
	if len(args) == 0 || userVerbs[args[0]] == nil {
		if len(args) > 0 && (args[0] == "--help" || args[0] == "-h") {
			fmt.Fprintln(env.stdout, userHelp)
			return nil
		}
		return usageError{errors.New("user takes a verb: add, list, grant, revoke, reset, disable, enable or link")}
	}
	verb, args := args[0], args[1:]
	u := &userCommand{env: env, by: operator()}
	if verb != "list" {
		if len(args) == 0 || strings.HasPrefix(args[0], "-") {
			return usageError{fmt.Errorf("user %s takes the name of an account", verb)}
		}
		u.name, args = args[0], args[1:]
	}
	f := newFlags(env, "user "+verb, userHelp)
	where, level := f.database(), f.logLevel()
	f.StringVar(&u.role, "role", "", "`role`")
	f.StringVar(&u.unit, "unit", "", "`code` of the unit in which, and below which, it holds")
	f.StringVar(&u.display, "display-name", "", "`name` as people see it")
	f.StringVar(&u.subject, "subject", "", "`issuer and subject` of OpenID Connect, with a space between")
	if err := f.parse(args); err != nil {
		return err
	}
	opened, stop, err := where.openStore(ctx, newLogger(env.stderr, *level))
	if err != nil {
		return err
	}
	defer stop()
	u.store = opened
	return userVerbs[verb](ctx, u)
}

// operator is who runs the command, for the audit trail.
func operator() *yizhan.Principal {
	name := "operator"
	if who, err := user.Current(); err == nil {
		name += " " + who.Username
	}
	return yizhan.System(name)
}

func (u *userCommand) grant() yizhan.Grant {
	return yizhan.Grant{Role: yizhan.Role(u.role), Unit: u.unit}
}

func addUser(ctx context.Context, u *userCommand) error {
	n := yizhan.NewUser{Name: u.name, DisplayName: u.display, Subject: u.subject}
	if u.role != "" || u.unit != "" {
		if err := u.grant().Validate(); err != nil {
			return usageError{err}
		}
		n.Grants = []yizhan.Grant{u.grant()}
	}
	if u.subject == "" {
		hash, err := u.askPassword(ctx)
		if err != nil {
			return err
		}
		n.PasswordHash = hash
	}
	if _, err := u.store.CreateUser(ctx, u.by, n); err != nil {
		return err
	}
	fmt.Fprintf(u.env.stdout, "%s was made\n", u.name)
	return nil
}

func resetUser(ctx context.Context, u *userCommand) error {
	hash, err := u.askPassword(ctx)
	if err != nil {
		return err
	}
	return u.store.ResetUser(ctx, u.by, u.name, hash)
}

func grantRole(ctx context.Context, u *userCommand) error {
	return u.store.Grant(ctx, u.by, u.name, u.grant())
}

func revokeRole(ctx context.Context, u *userCommand) error {
	return u.store.Revoke(ctx, u.by, u.name, u.grant())
}

func linkUser(ctx context.Context, u *userCommand) error {
	return u.store.LinkSubject(ctx, u.by, u.name, u.subject)
}

func listUsers(ctx context.Context, u *userCommand) error {
	users, err := u.store.Users(ctx, u.by)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(u.env.stdout, 0, 0, 2, ' ', 0)
	for _, each := range users {
		var grants []string
		for _, g := range each.Grants {
			grants = append(grants, fmt.Sprintf("%s@%s", g.Role, g.Unit))
		}
		state := "active"
		if !each.DisabledAt.IsZero() {
			state = "disabled"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", each.Name, state, strings.Join(grants, " "), each.DisplayName)
	}
	return table.Flush()
}

// askPassword asks on the terminal, twice and without showing it, or reads the first line of the input.
func (u *userCommand) askPassword(ctx context.Context) (string, error) {
	password, err := readPassword(u.env, "Password for "+u.name+": ")
	if err != nil {
		return "", err
	}
	if err := auth.CheckPassword(password, u.name); err != nil {
		return "", err
	}
	return auth.NewPasswords(1).Hash(ctx, password)
}

func readPassword(env environment, prompt string) (string, error) {
	file, isFile := env.stdin.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(env.stdin, 4096)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var typed [2]string
	for i, text := range []string{prompt, "Once more: "} {
		fmt.Fprint(env.stderr, text)
		line, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(env.stderr)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		typed[i] = string(line)
	}
	if typed[0] != typed[1] {
		return "", errors.New("the two are not the same")
	}
	return typed[0], nil
}
