package api

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/yizhan/yizhan"
)

// sortPattern is a key of an order. An unescaped + in a query is a space.
func sortPattern(c yizhan.Collection) string {
	return `^[+ -]?(` + strings.Join(yizhan.Sortables(c), "|") + `)$`
}

func init() {
	for _, c := range yizhan.PublicCollections() {
		patterns[sortPattern(c)] = regexp.MustCompile(sortPattern(c))
	}
}

// sortParam describes the order of a page (OGC API Features, part 8, a draft).
func sortParam(c collection) *huma.Param {
	no, most := false, yizhan.MaxSortKeys
	return &huma.Param{Name: "sortby", In: "query", Style: "form", Explode: &no,
		Description: "The order: up to three of what `" + c.path() + "/sortables` lists, with - before those that are to fall. Text is in the order of its code points, a time that is not known after all others",
		Schema: &huma.Schema{Type: huma.TypeArray, MaxItems: &most, Items: &huma.Schema{
			Type: huma.TypeString, Pattern: sortPattern(c.name), PatternDescription: "one of " + strings.Join(yizhan.Sortables(c.name), ", ") + ", with - before it to fall"}},
	}
}

// sortOf reads the parameter, which was checked.
func sortOf(given url.Values) (keys []yizhan.SortKey) {
	text := given.Get("sortby")
	if text == "" {
		return nil
	}
	for _, term := range strings.Split(text, ",") {
		keys = append(keys, yizhan.SortKey{Property: strings.TrimLeft(term, "+- "), Descending: strings.HasPrefix(term, "-")})
	}
	return keys
}

// encodeSortedCursor makes the opaque cursor of a page in another order than that of codes: which order, and the
// last feature's values of it.
func encodeSortedCursor(sorted string, values []string, code string) string {
	packed, err := json.Marshal(append(append([]string{sorted}, values...), code))
	if err != nil {
		return "" // there is no text that JSON cannot hold
	}
	return base64.RawURLEncoding.EncodeToString(packed)
}

// continueAfter reads a cursor into the query.
func continueAfter(query *yizhan.Query, cursor string, given url.Values) (err error) {
	if len(query.Sort) == 0 {
		query.After, err = decodeCursor(cursor)
		return err
	}
	fault := invalidParameter("query.after", "is not a cursor from a next link of this order")
	packed, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return fault
	}
	var parts []string
	if json.Unmarshal(packed, &parts) != nil || len(parts) != len(query.Sort)+2 || parts[0] != given.Get("sortby") {
		return fault
	}
	query.AfterValues, query.After = parts[1:len(parts)-1], parts[len(parts)-1]
	if !codePattern.MatchString(query.After) {
		return fault
	}
	return nil
}
