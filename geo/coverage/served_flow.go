package coverage

// flow is a maximum flow from some sources, each with an amount to send, to some sinks, each with room, along
// arcs without limit. It is Dinic's algorithm (1970), made for graphs of two sides.
type flow struct {
	from  []int32 // arcs of each source, and the end
	sink  []int32 // of each arc
	along []int64 // flow of each arc

	backFrom []int32 // where the arcs in back of each sink begin, and the end
	back     []int32 // arcs with a flow
	source   []int32 // of each arc

	toSend, room []int64 // what is left

	// A phase: how many steps each source and sink is from the sources that have something left, nowhere
	// if it cannot be reached; and the next arc to try.
	sourceLevel, sinkLevel []int32
	sourceNext, sinkNext   []int32
	lastLevel              int32 // of the sinks that have room
	queue                  []int32
}

// reset makes room for a problem without arcs.
func (f *flow) reset(sources, sinks int) {
	f.from = append(resized(f.from, 0), 0)
	f.sink, f.source = resized(f.sink, 0), resized(f.source, 0)
	f.toSend, f.room = resized(f.toSend, 0), resized(f.room, 0)
	f.sourceLevel, f.sourceNext = resized(f.sourceLevel, sources), resized(f.sourceNext, sources)
	f.sinkLevel, f.sinkNext = resized(f.sinkLevel, sinks), resized(f.sinkNext, sinks)
}

func resized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// addSource adds the next source, whose arcs were appended to sink.
func (f *flow) addSource(amount int64) {
	for len(f.source) < len(f.sink) {
		f.source = append(f.source, int32(len(f.toSend)))
	}
	f.toSend = append(f.toSend, amount)
	f.from = append(f.from, int32(len(f.sink)))
}

// empty takes all flow from the arcs, once there are all.
func (f *flow) empty() {
	f.along = resized(f.along, len(f.sink))
	clear(f.along)
}

// linkBack lists the arcs by which each sink got something, and could send it back. Those of which it gets
// some in a phase are of no use before the next.
func (f *flow) linkBack() {
	f.backFrom = resized(f.backFrom, len(f.room)+1)
	clear(f.backFrom)
	for arc, amount := range f.along {
		if amount > 0 {
			f.backFrom[f.sink[arc]+1]++
		}
	}
	for sink := range f.room {
		f.backFrom[sink+1] += f.backFrom[sink]
	}
	f.back = resized(f.back, int(f.backFrom[len(f.room)]))
	copy(f.sinkNext, f.backFrom)
	for arc, amount := range f.along {
		if amount > 0 {
			sink := f.sink[arc]
			f.back[f.sinkNext[sink]] = int32(arc)
			f.sinkNext[sink]++
		}
	}
}

// begin sends some along an arc, which must not be more than there is to send and room for.
func (f *flow) begin(arc int32, amount int64) {
	f.along[arc] = amount
	f.toSend[f.source[arc]] -= amount
	f.room[f.sink[arc]] -= amount
}

// run sends as much as can be sent. It gives what could not be. Then the sources and sinks with a level are the
// source side of the least minimum cut: what can be reached from the sources that have something left.
func (f *flow) run() (left int64) {
	for f.layer() {
		copy(f.sourceNext, f.from)
		copy(f.sinkNext, f.backFrom)
		for source := range f.toSend {
			if f.toSend[source] > 0 {
				f.toSend[source] -= f.send(int32(source), f.toSend[source])
			}
		}
	}
	for _, amount := range f.toSend {
		left += amount
	}
	return left
}

// layer gives levels, up to that of the first sinks with room. It tells whether there are any.
func (f *flow) layer() bool {
	f.linkBack()
	for i := range f.sinkLevel {
		f.sinkLevel[i] = nowhere
	}
	f.queue = f.queue[:0]
	for source, amount := range f.toSend {
		if f.sourceLevel[source] = nowhere; amount > 0 {
			f.sourceLevel[source] = 0
			f.queue = append(f.queue, int32(source))
		}
	}
	f.lastLevel = nowhere
	for i := 0; i < len(f.queue); i++ {
		source := f.queue[i]
		level := f.sourceLevel[source] + 1
		if f.lastLevel != nowhere && level > f.lastLevel {
			break
		}
		for arc := f.from[source]; arc < f.from[source+1]; arc++ {
			if sink := f.sink[arc]; f.sinkLevel[sink] == nowhere {
				f.sinkLevel[sink] = level
				if f.room[sink] > 0 {
					f.lastLevel = level
				} else {
					f.enqueueBack(sink, level+1)
				}
			}
		}
	}
	return f.lastLevel != nowhere
}

// enqueueBack reaches the sources that could take back what they sent to a sink.
func (f *flow) enqueueBack(sink, level int32) {
	for _, arc := range f.back[f.backFrom[sink]:f.backFrom[sink+1]] {
		if source := f.source[arc]; f.sourceLevel[source] == nowhere {
			f.sourceLevel[source] = level
			f.queue = append(f.queue, source)
		}
	}
}

// send sends up to an amount from a source along the levels. It gives how much was sent.
func (f *flow) send(source int32, amount int64) (sent int64) {
	for ; f.sourceNext[source] < f.from[source+1]; f.sourceNext[source]++ {
		arc := f.sourceNext[source]
		if sink := f.sink[arc]; f.sinkLevel[sink] == f.sourceLevel[source]+1 {
			part := f.receive(sink, amount-sent)
			f.along[arc] += part
			if sent += part; sent == amount {
				return sent
			}
		}
	}
	return sent
}

// receive takes up to an amount into a sink: into its room, or by sending others elsewhere.
func (f *flow) receive(sink int32, amount int64) (taken int64) {
	if f.sinkLevel[sink] == f.lastLevel {
		taken = min(amount, f.room[sink])
		f.room[sink] -= taken
		return taken
	}
	for ; f.sinkNext[sink] < f.backFrom[sink+1]; f.sinkNext[sink]++ {
		arc := f.back[f.sinkNext[sink]]
		source := f.source[arc]
		if f.along[arc] == 0 || f.sourceLevel[source] != f.sinkLevel[sink]+1 {
			continue
		}
		part := f.send(source, min(amount-taken, f.along[arc]))
		f.along[arc] -= part
		if taken += part; taken == amount {
			return taken
		}
	}
	return taken
}
