package api

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
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
