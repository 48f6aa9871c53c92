-- Question: is the change log without a hole, and is the last number given out its last? No parameters.
SELECT count(*), (SELECT seq FROM change_head) - count(*) + abs(coalesce(max(seq), 0) - (SELECT seq FROM change_head)), ''
FROM changes
