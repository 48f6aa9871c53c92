package tiles

import (
	"context"
	"runtime"

	"github.com/yizhan/yizhan"
)

// Still is the pyramid as it is at this moment, for whoever makes many tiles of one state: it follows no feed, keeps no
// tile, and makes them with half of the processors, so that readers of single tiles do not wait. It has the tiles of one
// datum and costs next to nothing, as snapshots are shared. Coverage goes on with the city, and is not in it.
func (p *Pyramid) Still(ctx context.Context, datum string) (*Pyramid, error) {
	shown := p
	switch datum {
	case WGS84:
	case GCJ02:
		var err error
		if shown, err = p.inGCJ02(ctx); err != nil {
			return nil, err
		}
	default:
		return nil, unknownDatum(datum)
	}
	still := shown.still()
	if still.current.Load().stations == nil {
		return nil, yizhan.Errorf(yizhan.CodeUnavailable, "", "the tiles are still being prepared")
	}
	if datum == WGS84 {
		return still, nil
	}
	outer := p.still()
	outer.shifted.pyramid.Store(still)
	return outer, nil
}

func (p *Pyramid) still() *Pyramid {
	q := NewPyramid(Options{CacheBytes: 1, Logger: p.logger})
	q.static, q.slots = p.static, make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))
	q.current.Store(p.current.Load())
	return q
}
