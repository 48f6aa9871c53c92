package yizhan

import (
	"errors"
	"fmt"
)

// ErrorCode says what kind of fault an Error is, so that each edge (HTTP, command line) can map it
// without reading its text.
type ErrorCode string

// The kinds of fault.
const (
	CodeInvalid     ErrorCode = "invalid"     // the input breaks a rule; Field says where
	CodeForbidden   ErrorCode = "forbidden"   // whoever asks may not do this there
	CodeNotFound    ErrorCode = "not_found"   // no such feature, collection or tile
	CodeConflict    ErrorCode = "conflict"    // the feature exists already, or is not at the version the edit was based on
	CodeTooLarge    ErrorCode = "too_large"   // over a stated limit
	CodeUnavailable ErrorCode = "unavailable" // cannot be answered now; trying again later may help
	CodeInternal    ErrorCode = "internal"    // our fault
)

// Error is a fault with a message for the reader and a cause for the log.
type Error struct {
	Code    ErrorCode
	Field   string // the parameter, property or vertex at fault; may be empty
	Message string // for the reader: never SQL, a path or a stack
	Err     error  // for the log; may be nil

	Conflicts []Conflict // what others changed first, as far as it is known
	Places    []Place    // where a rule is broken, as far as it is known
}

func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error of the given code. The message is for the reader.
func Errorf(code ErrorCode, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...)}
}

// Invalid makes the Error for an input that breaks a rule.
func Invalid(field, format string, args ...any) *Error {
	return Errorf(CodeInvalid, field, format, args...)
}

// CodeOf is the code of the first Error in err's chain, or CodeInternal when it has none.
func CodeOf(err error) ErrorCode {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
