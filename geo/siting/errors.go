package siting

import "fmt"

// InputError is a question that cannot be answered as it was put.
type InputError struct {
	Field string // the field of the question at fault, such as "Floors"
	Why   string // for the reader
}

func (e *InputError) Error() string { return "siting: " + e.Field + ": " + e.Why }

func invalid(field, format string, args ...any) error {
	return &InputError{Field: field, Why: fmt.Sprintf(format, args...)}
}
