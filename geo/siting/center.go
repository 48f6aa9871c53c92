package siting

import "slices"

// PCenter opens P candidates so that the greatest distance from a point to the nearest open one is least.
// Of the weights only counts whether they are 0: such points are left out.
//
// It halves the distances of the matrix, and asks of each whether P sites cover all points within it.
func PCenter(q Distances, o Options) (Located, error) {
	points, err := q.check()
	if err != nil {
		return Located{}, err
	}
	places := min(q.P, len(q.Rows))
	answer := Located{Places: places, Capped: q.P > places}
	c := &center{options: o, rows: q.Rows, most: places, kept: q.kept(points)}
	if len(c.kept) == 0 {
		answer.Proved = true
		return answer, nil
	}
	if places == 0 {
		return Located{}, invalid("P", "no sites are to be opened, so no point has a distance")
	}
	return c.solve(answer)
}

// kept are the points that weigh something.
func (q *Distances) kept(points int) (list []int32) {
	for i := range points {
		if q.Weights == nil || q.Weights[i] > 0 {
			list = append(list, int32(i))
		}
	}
	return list
}

type center struct {
	options Options
	rows    [][]int64
	most    int
	kept    []int32
}

func (c *center) solve(a Located) (Located, error) {
	radii := c.radii()
	low, high, ruled := 0, len(radii)-1, 0 // below ruled no radius does
	var best []int32
	if high >= 0 {
		best = c.whole(radii[high])
	}
	if best == nil {
		return Located{}, invalid("P", "no %d sites were found from which there is a way to every point", c.most)
	}
	high = c.indexOf(radii, best)
	for low < high && !c.options.cancelled() {
		middle := (low + high) / 2
		sites, impossible := c.within(radii[middle])
		switch {
		case sites != nil:
			best, high = sites, c.indexOf(radii, sites)
		case impossible:
			low, ruled = middle+1, middle+1
		default:
			low = middle + 1
		}
		c.options.tell(Progress{Stage: "halving", Done: len(radii) - high + low, Total: len(radii), Objective: radii[high], Bound: radii[ruled]})
	}
	slices.Sort(best)
	for _, site := range best {
		a.Sites = append(a.Sites, int(site))
	}
	a.Objective, a.Bound = radii[high], radii[ruled]
	a.Proved = a.Objective == a.Bound
	a.Stopped = c.options.cancelled() && !a.Proved
	return a, nil
}

// radii are the distances that an answer can have, ascending.
func (c *center) radii() (list []int64) {
	for _, row := range c.rows {
		for _, i := range c.kept {
			if row[i] != Far {
				list = append(list, row[i])
			}
		}
		if len(list) > 4<<20 {
			slices.Sort(list)
			list = slices.Compact(list)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// indexOf is the index of the radius that sites need.
func (c *center) indexOf(radii []int64, sites []int32) int {
	greatest := int64(0)
	for _, i := range c.kept {
		least := int64(Far)
		for _, j := range sites {
			least = min(least, c.rows[j][i])
		}
		greatest = max(greatest, least)
	}
	at, _ := slices.BinarySearch(radii, greatest)
	return at
}

// whole finds sites for the greatest radius, even when cancelled: an answer needs one.
func (c *center) whole(radius int64) []int32 {
	options := c.options
	c.options = Options{}
	sites, _ := c.within(radius)
	c.options = options
	return sites
}

// within finds sites that reach every point within a radius, or that there are none; neither, when it was
// given up.
func (c *center) within(radius int64) (sites []int32, impossible bool) {
	reach := make([][]int32, len(c.rows))
	parallel(len(c.rows), 16, func(from, to int) {
		for j := from; j < to; j++ {
			for at, i := range c.kept {
				if c.rows[j][i] <= radius {
					reach[j] = append(reach[j], int32(at))
				}
			}
		}
	})
	return coverAll(len(c.kept), reach, c.most, c.options)
}
