package feed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/yizhan/yizhan"
)

// Source is a database that has a change log.
type Source interface {
	// Snapshot gives the whole city as of one change.
	Snapshot(ctx context.Context) (*yizhan.City, error)
	// LastSeq is the last change of the log, 0 when it is empty.
	LastSeq(ctx context.Context) (int64, error)
	// Changes gives up to limit changes that follow after, in order.
	Changes(ctx context.Context, after int64, limit int) ([]yizhan.Change, error)
	// Listen calls ring whenever the log has grown, until ctx ends or an error. It may miss some.
	Listen(ctx context.Context, ring func()) error
}

// View is a state derived from the city. Update is called from one goroutine at a time.
type View interface {
	Name() string
	// Update brings the view to the city. changes are all that happened since the city of the last
	// successful Update; nil means that they are not known and the view is to be built anew. It keeps
	// neither waiting nor failing readers: they see the state before until the new one is whole.
	Update(city *yizhan.City, changes []yizhan.Change) error
	// Seq is the change that the view has reached.
	Seq() int64
}

// Status is where the feed stands.
type Status struct {
	Ready       bool             // every view has been built once; stays true
	Seq         int64            // the change that City has reached
	LastContact time.Time        // when the database was last heard; zero for never
	Err         error            // why the log is not followed or a view not updated now; nil if all is well
	Views       map[string]int64 // the change that each view has reached
}

// Feed follows one change log. It is safe for concurrent use.
type Feed struct {
	source  Source
	logger  *slog.Logger
	limits  limits
	viewers []*viewer
	tasks   sync.WaitGroup
	bell    chan struct{} // has something in it when it is time to look

	city atomic.Pointer[yizhan.City]

	mu          sync.Mutex
	last        *yizhan.Change // the change with City's seq, when we know it
	recent      recent
	published   int64           // subscribers are told the changes up to this one
	moved       chan struct{}   // closed and replaced when published or era changes
	era         int             // grows when the log turns out to be another one
	running     context.Context // ends with Run; nil when that does not run
	subscribers int
	lastContact time.Time
	err         error
}

// limits are the sizes and times that a Feed works by.
type limits struct {
	poll           time.Duration // look this often without being rung for
	answer         time.Duration // wait this long for changes
	load           time.Duration // wait this long for a snapshot
	firstPause     time.Duration // after a failure; doubles up to
	lastPause      time.Duration
	viewPatience   time.Duration // subscribers wait this long for a view that is busy
	batch          int           // changes read at a time
	reload         int64         // from this many changes on, a snapshot is less work
	recent         int           // changes kept for subscribers
	subscribers    int
	buffer         int           // changes that wait in the channel of a subscriber
	slowSubscriber time.Duration // one that takes no change for this long is dropped
}

func defaultLimits() limits {
	return limits{
		poll: 2 * time.Second, answer: 30 * time.Second, load: 5 * time.Minute,
		firstPause: 100 * time.Millisecond, lastPause: 5 * time.Second, viewPatience: 5 * time.Second,
		batch: 1000, reload: 20_000, recent: 8192,
		subscribers: 2000, buffer: 64, slowSubscriber: 10 * time.Second,
	}
}

// New makes a feed that Run starts.
func New(source Source, logger *slog.Logger, views ...View) *Feed {
	if logger == nil {
		logger = slog.Default()
	}
	f := &Feed{
		source: source, logger: logger, limits: defaultLimits(),
		bell: make(chan struct{}, 1), moved: make(chan struct{}),
	}
	for _, view := range views {
		f.viewers = append(f.viewers, &viewer{view: view, feed: f, wake: make(chan struct{}, 1)})
	}
	return f
}

// Run loads the city and follows the log until ctx ends, whose error it returns. While the database is
// away it tries again and again. When it returns nothing of the feed runs any more. It is called once.
func (f *Feed) Run(ctx context.Context) error {
	f.tasks.Go(func() { f.listen(ctx) })
	for _, viewer := range f.viewers {
		f.tasks.Go(func() { viewer.run(ctx) })
	}
	f.begin(ctx)
	f.follow(ctx)
	f.end()
	f.tasks.Wait()
	return ctx.Err()
}

// City is the latest state; nil before it is loaded.
func (f *Feed) City() *yizhan.City { return f.city.Load() }

// Status tells where the feed stands.
func (f *Feed) Status() Status {
	status := Status{Ready: true, Views: map[string]int64{}}
	if city := f.City(); city != nil {
		status.Seq = city.Seq
	} else {
		status.Ready = false
	}
	var problems []error
	for _, viewer := range f.viewers {
		built, err := viewer.state()
		status.Ready = status.Ready && built
		status.Views[viewer.view.Name()] = viewer.view.Seq()
		problems = append(problems, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	status.LastContact = f.lastContact
	status.Err = errors.Join(append(problems, f.err)...)
	return status
}

// LastContact is when the database was last heard; zero for never. It is the part of Status that every
// answer from memory tells, and costs next to nothing.
func (f *Feed) LastContact() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lastContact
}

// ring makes the feed look at the log soon. It never blocks.
func (f *Feed) ring() {
	select {
	case f.bell <- struct{}{}:
	default: // it is about to look anyway
	}
}

func (f *Feed) begin(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = ctx
}

func (f *Feed) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running = nil
}

// newEra drops all subscribers: the numbers they go by mean nothing any more. f.mu is held.
func (f *Feed) newEra() {
	f.era++
	f.signal()
}

// signal wakes all who wait for a change of published or era. f.mu is held.
func (f *Feed) signal() {
	close(f.moved)
	f.moved = make(chan struct{})
}
