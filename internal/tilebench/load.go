package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// connections are kept open and each waits for an answer before it asks again.
const connections = 16

// load is what came of loading a server.
type load struct {
	lasted time.Duration
	took   []time.Duration
}

func (l load) perSecond() float64 { return float64(len(l.took)) / l.lasted.Seconds() }

// generate asks for one path on all connections for a while. It speaks just enough HTTP itself: a client
// that does more than the server would measure the client.
func generate(ctx context.Context, address, path string, size int, lasts time.Duration) (load, error) {
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nAccept-Encoding: gzip\r\n\r\n")
	began := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	var all load
	for range connections {
		group.Go(func() error {
			took, err := ask(ctx, address, request, size, began.Add(lasts))
			mu.Lock()
			defer mu.Unlock()
			all.took = append(all.took, took...)
			return err
		})
	}
	err := group.Wait()
	all.lasted = time.Since(began)
	return all, err
}

func ask(ctx context.Context, address string, request []byte, size int, until time.Time) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(until.Add(10 * time.Second)); err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(conn, 32<<10)
	var took []time.Duration
	for now := time.Now(); now.Before(until) && ctx.Err() == nil; {
		if _, err := conn.Write(request); err != nil {
			return took, err
		}
		if err := readAnswer(in, size); err != nil {
			return took, err
		}
		then := now
		now = time.Now()
		took = append(took, now.Sub(then))
	}
	return took, ctx.Err()
}

var lengthHeader = []byte("Content-Length: ")

// readAnswer reads one answer, which must be a 200 with a body of the size.
func readAnswer(in *bufio.Reader, size int) error {
	length := -1
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first && !bytes.Equal(line, []byte("HTTP/1.1 200 OK")):
			return fmt.Errorf("the server says %q", line)
		case bytes.HasPrefix(line, lengthHeader):
			if length, err = strconv.Atoi(string(line[len(lengthHeader):])); err != nil {
				return err
			}
		case len(line) == 0 && length != size:
			return fmt.Errorf("the body has %d bytes, not %d", length, size)
		case len(line) == 0:
			_, err := in.Discard(length)
			return err
		}
	}
}
