package store_test

import (
	"testing"
)

// TestDatabaseRefuses goes around the store: the rules hold for anybody who has the database's password.
func TestDatabaseRefuses(t *testing.T) {
	_, url := openFixture(t)
	conn := connect(t, url)
	exec(t, conn, `INSERT INTO users (name, display_name) VALUES ('anna', '安娜');
		INSERT INTO audit (actor, act, subject, hash) VALUES ('anna', 'leader.reveal', 'leaders/1', sha256('x'))`)
	for _, c := range []struct{ sql, state, part string }{
		{`UPDATE units SET code = '15070' WHERE code = '150700'`, "23514", "units_code_check"},
		{`UPDATE units SET level = 'county' WHERE code = '150702'`, "23514", "units_code_check"},
		{`UPDATE units SET parent = NULL WHERE code = '150702'`, "23514", "units_parent_check"},
		{`UPDATE units SET parent = '150700' WHERE code = '150702001'`, "23514", "units_parent_check"},
		{`INSERT INTO units VALUES ('150799001', 'township', '150799', 'x', '', '', NULL, NULL, true, 1)`, "23503", "units_parent_fkey"},
		{`UPDATE units SET name = ''`, "23514", "units_name_check"},
		{`UPDATE units SET name = repeat('长', 121)`, "23514", "units_name_check"},
		{`UPDATE units SET version = 0`, "23514", "units_version_check"},
		{`UPDATE units SET seat = ST_SetSRID(ST_MakePoint(200, 0), 4326)`, "23514", "units_seat_check"},
		{`UPDATE units SET seat = ST_SetSRID(ST_MakePoint(119, 49), 4490)`, "22023", "SRID"},
		{`UPDATE units SET boundary = ST_SetSRID(boundary, 4490)`, "22023", "SRID"},
		{`UPDATE units SET boundary = ST_Boundary(boundary)`, "22023", "MultiPolygon"},
		{`UPDATE units SET boundary = ST_ForcePolygonCW(boundary)`, "23514", "boundary_oriented"},
		{`UPDATE units SET boundary = ST_ForcePolygonCCW(ST_GeomFromText('MULTIPOLYGON(((119 49,119.05 49,119.05 49.02,119.01 48.99,119 49.02,119 49)))', 4326))`, "23514", "boundary_valid"},
		{`UPDATE units SET boundary = ST_Translate(boundary, 100, 0)`, "23514", "boundary_range"},
		{`UPDATE units SET boundary = ST_Translate(boundary, 0, 1) WHERE code = '150702'`, "YZ002", "150702"},
		{`UPDATE units SET boundary = ST_Scale(boundary, ST_MakePoint(0.5, 0.5), ST_Centroid(boundary)) WHERE code = '150700'`, "YZ002", "150702"},
		{`UPDATE micro_grids SET code = 'x' WHERE code = '150702001001001'`, "23514", "micro_grids_code_check"},
		{`UPDATE micro_grids SET community = '150702001002' WHERE code = '150702001001001'`, "23514", "micro_grids_community_check"},
		{`UPDATE micro_grids SET households = -1`, "23514", "micro_grids_households_check"},
		{`UPDATE micro_grids SET zone = 'x'`, "23514", "micro_grids_zone_check"},
		{`UPDATE micro_grids SET status = 'x'`, "23514", "micro_grids_status_check"},
		{`UPDATE micro_grids SET boundary = NULL`, "23502", "boundary"},
		{`UPDATE micro_grids SET boundary = ST_GeomFromText('MULTIPOLYGON EMPTY', 4326)`, "23514", "boundary"},
		{`DELETE FROM micro_grids WHERE code = '150702001001001'`, "23503", "leaders_micro_grid_fkey"},
		{`UPDATE leaders SET role = 'king'`, "23514", "leaders_role_check"},
		{`UPDATE leaders SET selected = 'born'`, "23514", "leaders_selected_check"},
		{`UPDATE leaders SET micro_grid = '150702001001002' WHERE code = '15070200100100101'`, "23514", "leaders_micro_grid_check"},
		{`UPDATE leaders SET sealed = decode(repeat('00', 5000), 'hex')`, "23514", "leaders_sealed_check"},
		{`UPDATE stations SET code = 'a b'`, "23514", "stations_code_check"},
		{`UPDATE stations SET kind = 'enterprise'`, "23514", "stations_kind_check"},
		{`UPDATE stations SET sponsor = 'x', kind = 'enterprise'`, "23514", "stations_sponsor_check"},
		{`UPDATE stations SET capacity = 1001`, "23514", "stations_capacity_check"},
		{`UPDATE stations SET status = 'open'`, "23514", "stations_status_check"},
		{`UPDATE stations SET community = '150702001'`, "23514", "stations_community_check"},
		{`UPDATE stations SET micro_grid = '150702001002001'`, "23514", "stations_micro_grid_check"},
		{`UPDATE stations SET location = ST_SetSRID(ST_MakePoint(119.01000000123, 49), 4326)`, "23514", "stations_location_snapped"},
		{`UPDATE stations SET location = ST_SetSRID(ST_MakePoint(181, 49), 4326)`, "23514", "stations_location_range"},
		{`UPDATE stations SET location = ST_SetSRID(ST_MakePoint(121, 49), 4326)`, "YZ003", "150702-000"},
		{`UPDATE stations SET entrance = ST_SetSRID(ST_MakePoint(0, 91), 4326)`, "23514", "stations_entrance_range"},
		{`UPDATE stations SET services = '{beer}', service_conditions = '{working}', service_confirmed = '{NULL}'`, "23514", "stations_services_check"},
		{`UPDATE stations SET services = '{water,water}', service_conditions = '{working,working}', service_confirmed = '{NULL,NULL}'`, "23514", "stations_services_check"},
		{`UPDATE stations SET services = '{water,NULL}', service_conditions = '{working,working}', service_confirmed = '{NULL,NULL}'`, "23514", "stations_services_check"},
		{`UPDATE stations SET services = '{{water,rest}}', service_conditions = '{working,working}', service_confirmed = '{NULL,NULL}'`, "23514", "stations_services_check"},
		{`UPDATE stations SET services = NULL`, "23502", "services"},
		{`UPDATE stations SET services = '{water}', service_conditions = '{x}', service_confirmed = '{NULL}'`, "23514", "stations_service_conditions_check"},
		{`UPDATE stations SET services = '{water}', service_conditions = '{NULL}', service_confirmed = '{NULL}'`, "23514", "stations_service_conditions_check"},
		{`UPDATE stations SET services = '{water}', service_conditions = '{}', service_confirmed = '{NULL}'`, "23514", "stations_service_conditions_check"},
		{`UPDATE stations SET services = '{water}', service_conditions = '{working}', service_confirmed = '{}'`, "23514", "stations_service_confirmed_check"},
		{`UPDATE friendly_scenes SET kind = 'x'`, "23514", "friendly_scenes_kind_check"},
		{`INSERT INTO friendly_scene_stations VALUES ('SCENE-1', 'X-1')`, "23503", "station_fkey"},
		{`UPDATE changes SET op = 'x', before = after WHERE collection = 'units'`, "23514", "changes_op_check"},
		{`UPDATE changes SET before = '{}' WHERE op = 'create'`, "23514", "changes_images_check"},
		{`UPDATE changes SET after = '{}' WHERE collection = 'leaders'`, "23514", "changes_images_check"},
		{`INSERT INTO change_head VALUES (true, 5)`, "23505", "change_head_pkey"},
		{`INSERT INTO change_head VALUES (false, 5)`, "23514", "change_head_one_check"},
		{`INSERT INTO changesets (author, reason, first_seq, last_seq) VALUES ('', '', 1, 1)`, "23514", "changesets_author_check"},
		{`INSERT INTO changesets (author, reason, first_seq, last_seq) VALUES ('x', '', 2, 1)`, "23514", "changesets_last_seq_check"},
		{`INSERT INTO users (name, display_name) VALUES ('Anna B', 'x')`, "23514", "users_name_check"},
		{`INSERT INTO users (name, display_name) VALUES ('anna', 'x')`, "23505", "users_name_key"},
		{`INSERT INTO grants (user_id, role, unit) SELECT id, 'king', '150700' FROM users`, "23514", "grants_role_check"},
		{`INSERT INTO grants (user_id, role, unit) SELECT id, 'planner', '159900' FROM users`, "23503", "grants_unit_fkey"},
		{`INSERT INTO sessions SELECT '\x00', id, now(), now() + interval '1 h' FROM users`, "23514", "secret_hash_check"},
		{`INSERT INTO sessions SELECT sha256('x'), id, now(), now() - interval '1 h' FROM users`, "23514", "expires_at_check"},
		{`INSERT INTO tokens (secret_hash, user_id, name) SELECT sha256('x'), id, '' FROM users`, "23514", "tokens_name_check"},
		{`UPDATE audit SET actor = 'nobody'`, "42501", "only added to"},
		{`DELETE FROM audit`, "42501", "only added to"},
		{`TRUNCATE audit`, "42501", "only added to"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'rumour', NULL, ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', '', now(), 'called')`, "23514", "reports_kind_check"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'problem', NULL, ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', '', now(), 'called')`, "23514", "reports_topic_check"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'problem', 'closed', ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', repeat('x', 1001), now(), 'called')`, "23514", "reports_body_check"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'problem', 'closed', ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', '', now(), 'lost')`, "23514", "reports_stage_check"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'problem', 'closed', ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', '', now(), 'merged')`, "23514", "reports_merged_check"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'problem', 'closed', ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', '', now(), 'called');
			INSERT INTO report_steps (report, actor, act, stage) SELECT id, 'anna', 'burnt', 'called' FROM reports`, "23514", "report_steps_act_check"},
		{`INSERT INTO reports (code_hash, fingerprint, kind, topic, location, community, body, seen_at, stage) VALUES (sha256('x'), sha256('y'), 'problem', 'closed', ST_SetSRID(ST_MakePoint(119, 49), 4326), '150702001001', '', now(), 'called');
			INSERT INTO report_photos (report, width, height, jpeg) SELECT id, 1601, 1, '\x00000000' FROM reports`, "23514", "report_photos_width_check"},
	} {
		t.Run(c.sql, func(t *testing.T) {
			_, err := conn.Exec(t.Context(), c.sql)
			checkState(t, err, c.state, c.part)
		})
	}
}
