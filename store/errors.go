package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// SQLSTATEs of our own, raised by the migrations.
const (
	statePartition = "YZ001" // detail: a partitionFault
	stateExtent    = "YZ002" // detail: the code of the unit
	stateOutside   = "YZ003" // detail: the code of the station
	stateFull      = "YZ004" // detail: how many there are
)

// translate makes what pgx says into a *yizhan.Error.
func translate(ctx context.Context, err error) error {
	var ours *yizhan.Error
	var said *pgconn.PgError
	switch {
	case err == nil || errors.As(err, &ours):
		return err
	case ctx.Err() != nil:
		return because(yizhan.CodeUnavailable, "", fmt.Errorf("%w: %w", ctx.Err(), err), "the request ended before the database had answered")
	case errors.Is(err, pgx.ErrNoRows):
		return because(yizhan.CodeNotFound, "", err, "there is no such feature")
	case errors.As(err, &said):
		return translateState(said, err)
	case isConnectionLoss(err):
		return because(yizhan.CodeUnavailable, "", err, "the database cannot be reached")
	}
	return because(yizhan.CodeInternal, "", err, "the database gave an answer that was not understood")
}

func because(code yizhan.ErrorCode, field string, cause error, format string, args ...any) *yizhan.Error {
	e := yizhan.Errorf(code, field, format, args...)
	e.Err = cause
	return e
}

func isConnectionLoss(err error) bool {
	var connect *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, puddle.ErrClosedPool)
}

func translateState(said *pgconn.PgError, err error) error {
	switch said.Code {
	case statePartition:
		return partitionError(said, err)
	case stateExtent:
		return because(yizhan.CodeInvalid, "boundary", err, "units/%s reaches beyond the extent of the unit above it", said.Detail)
	case stateOutside:
		return because(yizhan.CodeInvalid, "location", err, "stations/%s lies outside the extent of its city", said.Detail)
	case stateFull:
		return because(yizhan.CodeTooLarge, "", err, "there are %s %s already, which is as many as are kept; delete some first", said.Detail, said.TableName)
	case "23505":
		return because(yizhan.CodeConflict, "code", err, "another changeset created the same feature first")
	case "23503":
		return because(yizhan.CodeConflict, "", err, "a feature that another one refers to is missing or would be: another changeset was first")
	case "23514", "23502":
		return constraintError(said, err)
	case "40001", "40P01":
		return because(yizhan.CodeUnavailable, "", err, "too many changesets touch the same features at once; try again")
	case "57014", "55P03", "25P03":
		return because(yizhan.CodeUnavailable, "", err, "the database took too long")
	case "42P01":
		return because(yizhan.CodeUnavailable, "", err, "the database is not migrated")
	case "42501":
		return outOfScope(yizhan.Collection(said.TableName), err)
	case "25006":
		return because(yizhan.CodeUnavailable, "", err, "the database takes no changes at the moment")
	}
	switch said.Code[:2] {
	case "08", "53", "57", "58":
		return because(yizhan.CodeUnavailable, "", err, "the database cannot be reached")
	case "22":
		return because(yizhan.CodeInvalid, "", err, "holds a value that cannot be stored")
	}
	return because(yizhan.CodeInternal, "", err, "the database refused a query")
}

// partitionFault is an edge at which the micro-grids of a community do not fit together.
type partitionFault struct {
	Community  string     `json:"community"`
	MicroGrids []string   `json:"micro_grids"` // those that touch the edge
	From       [2]float64 `json:"from"`
	To         [2]float64 `json:"to"`
}

func partitionError(said *pgconn.PgError, err error) error {
	var fault partitionFault
	if wrong := json.Unmarshal([]byte(said.Detail), &fault); wrong != nil {
		return because(yizhan.CodeInvalid, "boundary", err, "%s", said.Message)
	}
	touching := ""
	if len(fault.MicroGrids) > 0 {
		touching = " (touching it: " + strings.Join(fault.MicroGrids, ", ") + ")"
	}
	e := because(yizhan.CodeInvalid, "boundary", err,
		"the micro-grids of community %s do not fit together, or do not fill it, along the edge from [%g, %g] to [%g, %g]%s; neighbours must share the very same vertices, without overlap or gap",
		fault.Community, fault.From[0], fault.From[1], fault.To[0], fault.To[1], touching)
	e.Places = []yizhan.Place{{Kind: "edge", MicroGrids: fault.MicroGrids, Shape: orb.LineString{fault.From, fault.To}}}
	return e
}

// failingRow finds the code, which is the first column of every table, in the detail of a check violation.
var failingRow = regexp.MustCompile(`\(([0-9A-Z-]{1,32}),`)

// constraintError explains a violated constraint by its name, which is table_field_rule.
func constraintError(said *pgconn.PgError, err error) error {
	field := said.ColumnName
	rule := ""
	if name, ok := strings.CutPrefix(said.ConstraintName, said.TableName+"_"); ok {
		cut := strings.LastIndexByte(name, '_')
		field, rule = name[:max(cut, 0)], name[cut+1:]
	}
	subject := said.TableName
	if match := failingRow.FindStringSubmatch(said.Detail); match != nil {
		subject += "/" + match[1]
	}
	return because(yizhan.CodeInvalid, field, err, "%s: %s", subject, ruleText(rule))
}

func ruleText(rule string) string {
	switch rule {
	case "valid":
		return "is not a valid shape: its rings cross or touch themselves or each other"
	case "oriented":
		return "has a ring that goes the wrong way round"
	case "filled":
		return "is empty"
	case "range":
		return "is not on the globe; the order is lng, lat"
	case "snapped":
		return "is not on the grid of 1e-7 degrees"
	}
	return "is out of range or not one of the allowed values"
}
