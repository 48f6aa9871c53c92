package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
)

// A changeset of somebody may be larger than other bodies, a few at a time.
func TestLargeChangesets(t *testing.T) {
	w := newStage(t, byAnalyst) // may not edit: what is read at all is answered 403
	address := w.listen(t)
	send := func(path string, size int, headers ...string) int {
		t.Helper()
		body := append([]byte(`{"reason":"`), bytes.Repeat([]byte("x"), size)...)
		request, err := http.NewRequest(http.MethodPost, "http://"+address+path, bytes.NewReader(append(body, `","edits":[]}`...)))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		for i := 0; i+1 < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Log(err) // refused while it was being sent
			return http.StatusRequestEntityTooLarge
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body) // of no matter
		return response.StatusCode
	}
	token := []string{"Authorization", "Bearer yz_test"}
	for _, test := range []struct {
		path    string
		size    int
		headers []string
		want    int
	}{
		{changesetsPath, 5 << 20, nil, 413},
		{"/api/scenarios", 5 << 20, token, 413},
		{changesetsPath + "/17/revert", 5 << 20, token, 413},
		{changesetsPath, 9 << 20, token, 413},
		{changesetsPath, 5 << 20, token, 403},
		{changesetsPath + "?dry_run=true", 2 << 20, token, 403},
		{changesetsPath, 1000, token, 403},
	} {
		if got := send(test.path, test.size, test.headers...); got != test.want {
			t.Errorf("%s with %d bytes: status %d, want %d", test.path, test.size, got, test.want)
		}
	}
	var statuses []int
	for range largeChangesets {
		statuses = append(statuses, send(changesetsPath, 2<<20, token...))
	}
	if first, last := statuses[0], statuses[largeChangesets-1]; first != 403 || last != 413 {
		t.Errorf("large ones in a row: %s", fmt.Sprint(statuses))
	}
	if got := send(changesetsPath, 1000, token...); got != 403 {
		t.Errorf("a small one after them: status %d", got)
	}
}
