package api

import (
	"errors"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// ifMatchParam describes the header that an edit needs.
func ifMatchParam() *huma.Param {
	return &huma.Param{Name: "If-Match", In: "header", Required: true,
		Description: "The ETag of what is edited, so that nobody's work is overwritten unseen", Schema: &huma.Schema{Type: huma.TypeString}, Example: `"3"`}
}

// versionOf reads an If-Match header. Any is *, which is whatever version there is.
func versionOf(ifMatch string) (version int64, isAny bool, err error) {
	switch ifMatch {
	case "":
		return 0, false, newProblem("precondition_required", "the edit needs an If-Match header with the ETag of what it edits")
	case "*":
		return 0, true, nil
	}
	tag, quoted := strings.CutPrefix(ifMatch, `"`)
	tag, closed := strings.CutSuffix(tag, `"`)
	number, _, _ := strings.Cut(tag, "-") // an encoded form of the answer has -gzip or -br behind it
	version, parsing := strconv.ParseInt(number, 10, 64)
	if !quoted || !closed || parsing != nil || version < 1 {
		return 0, false, invalidParameter("header.If-Match", `is not an ETag that was given here, such as "3"; weak tags and lists do not serve`)
	}
	return version, false, nil
}

// otherVersion makes of a conflict of versions the problem that tells which one is there now.
func otherVersion(err error, version func() (int64, error)) error {
	var domain *yizhan.Error
	if !errors.As(err, &domain) || domain.Code != yizhan.CodeConflict || domain.Field != "version" {
		return err
	}
	problem := newProblem("precondition_failed", domain.Message)
	if at, failed := version(); failed == nil {
		problem.etag = strconv.FormatInt(at, 10)
	}
	return problem
}
