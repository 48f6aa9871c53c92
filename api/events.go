package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan"
)

// ChangeEvent is the data of an event: which feature changed, not how. Read the feature for that.
type ChangeEvent struct {
	Seq        int64  `json:"seq"`
	Collection string `json:"collection" enum:"units,stations,friendly_scenes,micro_grids"`
	Code       string `json:"code"`
	Op         string `json:"op" enum:"create,update,delete"`
	Version    int64  `json:"version" doc:"The feature's version after the change; for a delete, the version deleted"`
}

const (
	eventStreamType = "text/event-stream"
	retryEvents     = 3 * time.Second
)

// patience is how long a client may take to read what was sent before it is dropped.
func patience(heartbeat time.Duration) time.Duration { return max(2*heartbeat, time.Second) }

func (s *Server) routeEvents() {
	zero := 0.0
	after := &huma.Schema{Type: huma.TypeInteger, Minimum: &zero}
	s.described(huma.Operation{
		OperationID: "follow-events", Path: "/api/events", Tags: []string{"Events"},
		Summary: "Changes as they happen",
		Description: "Server-sent events, one a change: `id` is the seq, `event` is `change`, `data` is a ChangeEvent. " +
			"Before the last change of an update comes an event `tiles`, whose data is a TilesEvent: the tiles that are others now, or `all` where a list would be too long. " +
			"Begins after the seq in Last-Event-ID or `after`, else with the next change; a browser's EventSource resumes by itself, " +
			"and is told of the tiles that it missed, or to ask for all of them. With `datum=gcj02` the tiles are those in GCJ-02. " +
			"A comment is sent now and then to keep the connection. Clients that do not keep up are disconnected and may resume.",
		Parameters: []*huma.Param{
			{Name: "after", In: "query", Description: "Begin after this seq", Schema: after},
			datumParam(),
			{Name: "Last-Event-ID", In: "header", Description: "Begin after this seq; goes before `after`", Schema: after},
		},
		Errors: []int{503},
		Responses: map[string]*huma.Response{"200": {Description: "The stream; the schema is that of each event's data",
			Content: map[string]*huma.MediaType{eventStreamType: {Schema: &huma.Schema{AnyOf: []*huma.Schema{
				s.schema(reflect.TypeFor[ChangeEvent]()), s.schema(reflect.TypeFor[TilesEvent]())}}}}}},
	}, s.events)
}

func (s *Server) events(c *fiber.Ctx) error {
	after, err := s.resumeFrom(c)
	if err != nil {
		return err
	}
	address := s.addressOf(c.Context())
	if !s.streams.take(address) {
		return unavailable("too many clients follow the events already", nil)
	}
	ctx, cancel := context.WithCancel(s.ctx)
	changes, err := s.options.Feed.Subscribe(ctx, after)
	if err != nil {
		cancel()
		s.streams.leave(address)
		return err
	}
	tiles := tilesNews{s.touches[datumOf(c)], after}
	s.sendEvents(c, address, func(st *stream) {
		defer cancel()
		st.tiles = tiles
		st.follow(ctx, after, changes)
	})
	return nil
}

// sendEvents answers with a stream of events, which lasts as long as follow, and then gives the place of the address
// back.
func (s *Server) sendEvents(c *fiber.Ctx, address netip.Prefix, follow func(*stream)) {
	c.Set(fiber.HeaderContentType, eventStreamType)
	c.Set(fiber.HeaderCacheControl, "no-cache, no-transform")
	c.Set("X-Accel-Buffering", "no") // nginx would wait for more
	c.Status(http.StatusOK)
	c.Context().SetConnectionClose() // see gone
	conn := c.Context().Conn()
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.streams.leave(address)
		s.metrics.streams.Inc()
		defer s.metrics.streams.Dec()
		follow(&stream{server: s, conn: conn, w: w})
	})
}

// resumeFrom is the seq after which the client wants to begin.
func (s *Server) resumeFrom(c *fiber.Ctx) (int64, error) {
	location, text := "header.Last-Event-ID", c.Get("Last-Event-ID")
	if text == "" {
		location, text = "query.after", c.Query("after")
	}
	latest := s.options.Feed.Status()
	if !latest.Ready {
		return 0, stillLoading()
	}
	if text == "" {
		return latest.Seq, nil
	}
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || after < 0 {
		return 0, invalidParameter(location, "is not a whole number of at least 0")
	}
	if !s.reaches(c.UserContext(), after) { // of another database: what the client knows is not ours
		return 0, invalidParameter(location, "is after the last change, "+strconv.FormatInt(latest.Seq, 10))
	}
	return after, nil
}

// replicaLag is how far this process may be behind the one that the client followed before.
const replicaLag = 2 * time.Second

// reaches waits until the feed has reached a change, and tells whether it has.
func (s *Server) reaches(ctx context.Context, seq int64) bool {
	ctx, cancel := context.WithTimeout(ctx, replicaLag)
	defer cancel()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for s.options.Feed.Status().Seq < seq {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
	}
	return true
}

// places bounds the event streams, all together and those of one address.
type places struct {
	most, mostOfOne int

	mu    sync.Mutex
	taken map[netip.Prefix]int
	all   int
}

func newPlaces(most int) places {
	return places{most: most, mostOfOne: max(2, most/10), taken: map[netip.Prefix]int{}}
}

func (p *places) take(address netip.Prefix) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all >= p.most || p.taken[address] >= p.mostOfOne {
		return false
	}
	p.all++
	p.taken[address]++
	return true
}

func (p *places) leave(address netip.Prefix) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all--
	if p.taken[address]--; p.taken[address] == 0 {
		delete(p.taken, address)
	}
}

func (p *places) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}

// stream is one client that follows the changes. It runs on a goroutine of its own, which fasthttp does
// not protect from panics: it does nothing that could.
type stream struct {
	server *Server
	conn   net.Conn
	w      *bufio.Writer
	tiles  tilesNews

	impatient bool // the last change did not get its list in time
}

func (st *stream) follow(ctx context.Context, after int64, changes <-chan yizhan.Change) {
	heartbeat := time.NewTicker(st.server.options.Heartbeat)
	defer heartbeat.Stop()
	// The id is for a client that loses the line before the first change.
	if st.send(fmt.Sprintf("id: %[2]d\nretry: %[1]d\n: after %[2]d\n\n", retryEvents.Milliseconds(), after)) != nil {
		return
	}
	gone := st.gone()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-gone:
			return
		case change, open := <-changes:
			if !open {
				st.server.metrics.dropped.Inc()
				return
			}
			err = st.tell(ctx, change)
		case <-heartbeat.C:
			err = st.send(": \n\n")
		}
		if err != nil {
			return
		}
	}
}

// gone is closed when the client has left, which frees its place at once: a write would tell after two heartbeats.
// The client has nothing more to say on this connection, which serves no other request afterwards, so that
// whatever reading brings is the end. The goroutine ends with the connection.
func (st *stream) gone() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if st.conn.SetReadDeadline(time.Time{}) == nil {
			_, _ = st.conn.Read(make([]byte, 1)) // any answer is the end
		}
	}()
	return gone
}

// tilesPatience is how long a change waits for the list of the tiles that it touched. Without one, all are
// asked for again.
const tilesPatience = 500 * time.Millisecond

// tell sends a change, and before it the tiles that it touched.
func (st *stream) tell(ctx context.Context, change yizhan.Change) error {
	event, news := st.news(ctx, change.Seq)
	if !news {
		return st.send(eventText(change))
	}
	data, err := json.Marshal(event)
	if err != nil {
		return fmt.Errorf("encode touched tiles: %w", err)
	}
	// It has no id: a client resumes from a change.
	return st.send(fmt.Sprintf("event: tiles\ndata: %s\n\n%s", data, eventText(change)))
}

func (st *stream) news(ctx context.Context, seq int64) (TilesEvent, bool) {
	if !st.awaitTiles(ctx, seq) {
		return st.tiles.all(seq), true
	}
	return st.tiles.upTo(seq)
}

// awaitTiles waits until it is known which tiles the changes up to a seq touched, and tells whether it is.
// It loses its patience once for many changes.
func (st *stream) awaitTiles(ctx context.Context, seq int64) (known bool) {
	if seq <= st.tiles.told {
		return true
	}
	wait := tilesPatience
	if st.impatient {
		wait = 0
	}
	defer func() { st.impatient = !known }()
	patience := time.NewTimer(wait)
	defer patience.Stop()
	for {
		known, grown := st.tiles.log.knows(seq)
		if known {
			return true
		}
		select {
		case <-grown:
		case <-patience.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// send writes and flushes. A client that has not read for long fails the write, which ends the stream.
func (st *stream) send(text string) error {
	if text == "" {
		return nil
	}
	if err := st.conn.SetWriteDeadline(time.Now().Add(patience(st.server.options.Heartbeat))); err != nil {
		return err
	}
	if _, err := st.w.WriteString(text); err != nil {
		return err
	}
	return st.w.Flush()
}

// eventText is the event of a change; none for a collection that is not public.
func eventText(change yizhan.Change) string {
	if !isPublic(change.Ref.Collection) {
		return ""
	}
	var o object
	o.open()
	o.integer("seq", change.Seq)
	o.text("collection", string(change.Ref.Collection))
	o.text("code", change.Ref.Code)
	o.text("op", string(change.Op))
	o.integer("version", change.Version)
	o.close()
	return fmt.Sprintf("id: %d\nevent: change\ndata: %s\n\n", change.Seq, o.buf)
}

func isPublic(collection yizhan.Collection) bool {
	for _, public := range yizhan.PublicCollections() {
		if collection == public {
			return true
		}
	}
	return false
}
