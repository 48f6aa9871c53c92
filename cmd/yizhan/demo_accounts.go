package main

import (
	"context"
	"fmt"
	"io"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/auth"
	"github.com/yizhan/yizhan/store"
)

// demoAccounts are there with serve --demo only, over a city in which everything is synthetic.
var demoAccounts = []struct {
	name, title string
	grant       yizhan.Grant
}{
	{"demo-viewer", "查看员", yizhan.Grant{Role: yizhan.RoleViewer, Unit: "150700"}},
	{"demo-keeper", "驿站管理员", yizhan.Grant{Role: yizhan.RoleStationKeeper, Unit: "150702"}},
	{"demo-planner", "网格员", yizhan.Grant{Role: yizhan.RolePlanner, Unit: "150702"}},
	{"demo-reviewer", "审核员", yizhan.Grant{Role: yizhan.RoleReviewer, Unit: "150700"}},
	{"demo-analyst", "分析员", yizhan.Grant{Role: yizhan.RoleAnalyst, Unit: "150700"}},
	{"demo-admin", "管理员", yizhan.Grant{Role: yizhan.RoleAdmin, Unit: "150700"}},
}

// letDemoIn makes the demo accounts, or lets them in again, with one password, and prints them. Over a city
// that is not all synthetic it does not: a known password has no business there.
func letDemoIn(ctx context.Context, out io.Writer, opened *store.Store, password string) error {
	synthetic, err := opened.AllSynthetic(ctx)
	if err != nil {
		return err
	}
	if !synthetic {
		fmt.Fprintln(out, "\n  The database holds more than the demo city: there are no demo accounts.")
		return keepDemoOut(ctx, opened)
	}
	if password == "" {
		password = auth.NewRecoveryCodes(1)[0]
	}
	hash, err := auth.NewPasswords(1).Hash(ctx, password)
	if err != nil {
		return err
	}
	by := yizhan.System("serve --demo")
	fmt.Fprintf(out, "\n  demo accounts 演示账号, password 密码 %s\n", password)
	for _, account := range demoAccounts {
		_, err := opened.CreateUser(ctx, by, yizhan.NewUser{Name: account.name, DisplayName: account.title, PasswordHash: hash, Grants: []yizhan.Grant{account.grant}})
		if yizhan.CodeOf(err) == yizhan.CodeConflict {
			if err = opened.ResetUser(ctx, by, account.name, hash); err == nil {
				err = opened.SetDisabled(ctx, by, account.name, false)
			}
		}
		if err != nil {
			return fmt.Errorf("demo account %s: %w", account.name, err)
		}
		fmt.Fprintf(out, "    %-14s %s %s@%s\n", account.name, account.title, account.grant.Role, account.grant.Unit)
	}
	return nil
}

// keepDemoOut disables the demo accounts, where there are any.
func keepDemoOut(ctx context.Context, opened *store.Store) error {
	by := yizhan.System("serve")
	users, err := opened.Users(ctx, by)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, account := range demoAccounts {
		known[account.name] = true
	}
	for _, u := range users {
		if !known[u.Name] || !u.DisabledAt.IsZero() {
			continue
		}
		if err := opened.SetDisabled(ctx, by, u.Name, true); err != nil {
			return err
		}
	}
	return nil
}
