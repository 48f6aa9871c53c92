package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// Clients that send a request byte by byte, or none, hold a connection and nothing else, and not for long.
func TestSlowClientsStarveNobody(t *testing.T) {
	const slow, cut = 300, 1500 * time.Millisecond
	w := newStage(t)
	if got := w.server.app.Server().ReadTimeout; got != readTimeout {
		t.Errorf("the server waits %v for a request, want %v", got, readTimeout)
	}
	if got := w.server.app.Server().WriteTimeout; got != writeTimeout {
		t.Errorf("the server waits %v to be read, want %v", got, writeTimeout)
	}
	w.server.app.Server().ReadTimeout = cut // the real one would make the test long
	address := w.listen(t)
	var all sync.WaitGroup
	for i := range slow {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		all.Go(func() {
			begun := time.Now()
			for _, b := range []byte("POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n" + strings.Repeat("x", 900)) {
				if _, err := conn.Write([]byte{b}); err != nil {
					break
				}
				time.Sleep(20 * time.Millisecond)
				if time.Since(begun) > cut/2 && i%2 == 0 {
					break // half of them fall silent
				}
			}
			if err := conn.SetReadDeadline(begun.Add(20 * cut)); err != nil {
				t.Error(err)
			}
			_, err := io.Copy(io.Discard, conn) // the answer is 408, or nothing
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("a slow client is still connected after %v", time.Since(begun))
			}
		})
	}
	longest := quickAnswers(t, address, 50)
	all.Wait()
	if longest > time.Second {
		t.Errorf("beside %d slow clients an answer took %v", slow, longest)
	}
}

// Searches that take long leave connections to the database to others, wait for each other, and are told to come
// back when it takes too long.
func TestSearchFlood(t *testing.T) {
	const flood = 60
	var now, over atomic.Int64
	free := make(chan struct{})
	w := newStage(t, func(w *stage) { w.options.Deadline = time.Second })
	w.store.find = func(ctx context.Context, _ yizhan.Query) (yizhan.Page, error) {
		if now.Add(1) > searches {
			over.Add(1)
		}
		defer now.Add(-1)
		select {
		case <-free:
			return yizhan.Page{Seq: 42}, nil
		case <-ctx.Done():
			return yizhan.Page{}, ctx.Err()
		}
	}
	address := w.listen(t)
	var all sync.WaitGroup
	for range flood {
		all.Go(func() {
			response, err := http.Get("http://" + address + "/api/collections/stations/items?filter=capacity%3E1")
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
				t.Errorf("status %d, Retry-After %q", response.StatusCode, response.Header.Get("Retry-After"))
			}
		})
	}
	for deadline := time.Now().Add(10 * time.Second); now.Load() < searches; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d searches at once, want %d", now.Load(), searches)
		}
	}
	for _, path := range []string{"/api/collections/stations/items/S-001", "/api/tiles/stations/5/25/10", "/api/nearest?lng=119.7&lat=49.2"} {
		response, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		if response.Body.Close(); response.StatusCode != http.StatusOK {
			t.Errorf("beside the flood, %s: status %d", path, response.StatusCode)
		}
	}
	all.Wait()
	close(free)
	if over.Load() > 0 {
		t.Errorf("more than %d searches at once", searches)
	}
	w.get(t, "/api/collections/stations/items").want(t, 200)
}

// quickAnswers asks n times, one after the other, and gives the longest time that an answer took.
func quickAnswers(t *testing.T, address string, n int) (longest time.Duration) {
	t.Helper()
	for range n {
		begun := time.Now()
		response, err := http.Get("http://" + address + "/api/city")
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("status %d, %v", response.StatusCode, err)
		}
		longest = max(longest, time.Since(begun))
		time.Sleep(5 * time.Millisecond)
	}
	return longest
}

// A flood of people who sign in is bounded in work and in memory, told when to come back, and starves nobody.
func TestSignInFlood(t *testing.T) {
	d := newDoors(t)
	d.user(t, "anna", yizhan.Grant{Role: yizhan.RoleViewer, Unit: herePlace})
	address := d.listen(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 150 {
		all.Go(func() {
			response, err := http.Post("http://"+address+"/api/auth/login", "application/json", strings.NewReader(credentials(fmt.Sprintf("user-%d", i), "x", "")))
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusUnauthorized && response.Header.Get("Retry-After") == "" {
				t.Errorf("status %d without Retry-After", response.StatusCode)
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[response.StatusCode]++
		})
	}
	longest := quickAnswers(t, address, 50)
	all.Wait()
	if longest > 2*time.Second {
		t.Errorf("while many sign in, an answer took %v", longest)
	}
	if statuses[401]+statuses[429]+statuses[503] != 150 || statuses[401] > 25 || statuses[429] == 0 {
		t.Errorf("%v", statuses)
	}
}
