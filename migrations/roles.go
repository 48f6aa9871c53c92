package migrations

import "strings"

// StaffRole is the SQL that makes the role as which staff write, and lets a role take it on. The migrations
// do the same where their own role may; this is for a superuser, who prepares a server for one that may not.
func StaffRole(member string) string {
	quoted := `"` + strings.ReplaceAll(member, `"`, `""`) + `"`
	return `DO $do$ BEGIN
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yizhan_staff') THEN
			BEGIN
				CREATE ROLE yizhan_staff NOLOGIN;
			EXCEPTION WHEN duplicate_object OR unique_violation THEN
				NULL;
			END;
		END IF;
		GRANT yizhan_staff TO ` + quoted + `;
	END $do$`
}
