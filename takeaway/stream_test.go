package takeaway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/yizhan/yizhan"
)

// slowSource gives stations, and waits or fails where it is told to.
type slowSource struct {
	count int
	at    func(n int) error
}

func (s slowSource) Each(ctx context.Context, _ yizhan.Query, begin func(int64) error, each func(yizhan.Feature) error) error {
	if err := begin(42); err != nil {
		return err
	}
	for n := range s.count {
		if s.at != nil {
			if err := s.at(n); err != nil {
				return err
			}
		}
		if err := errors.Join(ctx.Err(), each(&yizhan.Station{Code: fmt.Sprintf("S-%06d", n), Name: "天润社区骑手驿站"})); err != nil {
			return err
		}
	}
	return nil
}

var stationsCSV = Wanted{Query: yizhan.Query{Collection: yizhan.Stations}, Format: "csv"}

// TestAStreamIsTheFile reads a file that is written meanwhile: the same bytes as of one that was made whole.
func TestAStreamIsTheFile(t *testing.T) {
	const many = 20_000
	for _, format := range []string{"csv", "excel-csv", "geojson", "geojsonseq"} {
		wanted := stationsCSV
		wanted.Format = format
		made, err := Write(t.Context(), t.TempDir(), wanted, slowSource{count: many})
		if err != nil {
			t.Fatal(err)
		}
		whole, err := os.ReadFile(made.Path)
		if err != nil {
			t.Fatal(err)
		}
		gate := make(chan bool)
		folder := t.TempDir()
		s, err := WriteAhead(t.Context(), folder, wanted, slowSource{many, func(n int) error {
			if n == many-1 {
				<-gate
			}
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		if s.Known || s.Seq != 42 || s.Name != made.Name {
			t.Errorf("%s: %+v", format, s.File)
		}
		first := make([]byte, 1000)
		if _, err := io.ReadFull(s, first); err != nil {
			t.Fatal(err)
		}
		close(gate)
		rest, err := io.ReadAll(s)
		if err != nil || !bytes.Equal(append(first, rest...), whole) {
			t.Errorf("%s: %d bytes, want %d, %v", format, len(first)+len(rest), len(whole), err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
			t.Errorf("%v is left, %v", left, err)
		}
	}
}

func TestAShortFileIsGivenWhole(t *testing.T) {
	s, err := WriteAhead(t.Context(), t.TempDir(), stationsCSV, slowSource{count: 10})
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(s)
	if err != nil || !s.Known || s.Rows != 10 || s.Bytes != int64(len(content)) {
		t.Errorf("%+v %d %v", s.File, len(content), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestAStreamFails is told before the first byte where that is possible, and by Read afterwards.
func TestAStreamFails(t *testing.T) {
	gone := errors.New("the database is gone")
	early := slowSource{20_000, func(n int) error {
		if n == 5 {
			return gone
		}
		return nil
	}}
	if _, err := WriteAhead(t.Context(), t.TempDir(), stationsCSV, early); !errors.Is(err, gone) {
		t.Errorf("early: %v", err)
	}
	late := slowSource{20_000, func(n int) error {
		if n == 15_000 {
			time.Sleep(2 * HeadStart)
			return gone
		}
		return nil
	}}
	s, err := WriteAhead(t.Context(), t.TempDir(), stationsCSV, late)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(s)
	if !errors.Is(err, gone) || len(content) == 0 {
		t.Errorf("late: %d bytes, %v", len(content), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestASlowReaderHoldsNothing reads nothing at all: the city is read to its end all the same, and so is let go of.
func TestASlowReaderHoldsNothing(t *testing.T) {
	s, err := WriteAhead(t.Context(), t.TempDir(), stationsCSV, slowSource{60_000, func(n int) error {
		if n%30_000 == 100 {
			time.Sleep(HeadStart)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.Done():
	case <-time.After(30 * time.Second):
		t.Error("the writer waits for the reader")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestAReaderLeaves ends the writing.
func TestAReaderLeaves(t *testing.T) {
	s, err := WriteAhead(t.Context(), t.TempDir(), stationsCSV, slowSource{1 << 30, nil})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	select {
	case <-s.Done():
	default:
		t.Error("it is written on")
	}
}
