package siting

// Options say how a solver runs. The zero value is a full run that tells nobody.
type Options struct {
	// Cancel stops the solver soon after it is closed; pass a context's Done. The answer so far is returned.
	Cancel <-chan struct{}
	// Progress is told of each step, from one goroutine at a time. It must not block.
	Progress func(Progress)
	// Effort scales the work spent on closing a gap: 0 is the normal amount, n is n times as much.
	Effort int
}

// Progress is how far a solver has come.
type Progress struct {
	Stage            string
	Done, Total      int
	Objective, Bound int64 // best answer and bound so far; 0 while unknown
}

// normalWork is the work spent on closing gaps at normal effort, in steps along an edge of the reach
// graph. It is about a second on one core.
const normalWork = 600_000_000

func (o Options) work() int64 { return normalWork * int64(max(1, min(o.Effort, 1000))) }

func (o Options) cancelled() bool {
	select {
	case <-o.Cancel:
		return true
	default:
		return false
	}
}

func (o Options) tell(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}
