package main

import (
	"math"
	"os"

	solver "github.com/yizhan/yizhan/geo/siting"
	"github.com/yizhan/yizhan/geo/siting/instance"
)

// readyInstance is an instance of either format, with the distances of its points from its candidates,
// which are the points too.
type readyInstance struct {
	weights []int64   // nil for 1
	rows    [][]int64 // in scale-ths of the unit of the file
	reach   func(radius float64) [][]int32
	scale   float64
	p       int // what the file says; negative where it says nothing
}

func readInstance(o instanceOptions) (*readyInstance, error) {
	file, err := os.Open(o.file)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if o.format == "sjc" {
		plane, err := instance.ReadSJC(file)
		if err != nil {
			return nil, err
		}
		read := &readyInstance{weights: plane.Demand, reach: plane.Reach, scale: instance.Scale, p: -1}
		if o.model != "mclp" {
			read.rows = plane.Distances()
		}
		return read, nil
	}
	graph, err := instance.ReadPMed(file)
	if err != nil {
		return nil, err
	}
	rows, err := solver.ShortestPaths(graph.Nodes, graph.Edges)
	if err != nil {
		return nil, err
	}
	return &readyInstance{weights: ones(graph.Nodes), rows: rows, reach: reachOf(rows), scale: 1, p: graph.P}, nil
}

func ones(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// reachOf lists the points within a radius of each candidate of a matrix of whole distances.
func reachOf(rows [][]int64) func(radius float64) [][]int32 {
	return func(radius float64) [][]int32 {
		whole := int64(math.Min(radius, 1<<50)) // beyond any path
		reach := make([][]int32, len(rows))
		for j, row := range rows {
			for i, d := range row {
				if d <= whole {
					reach[j] = append(reach[j], int32(i))
				}
			}
		}
		return reach
	}
}

func (r *readyInstance) solve(o instanceOptions, options solver.Options) (*instanceAnswer, error) {
	if o.p < 0 {
		o.p = r.p
	}
	answer := newInstanceAnswer(o)
	if o.model == "mclp" {
		return answer, r.cover(o, answer, options)
	}
	question := solver.Distances{Rows: r.rows, Weights: r.weights, P: o.p}
	solve := solver.PMedian
	if o.model == "pcenter" {
		solve = solver.PCenter
	}
	found, err := solve(question, options)
	if err != nil {
		return nil, err
	}
	answer.Places, answer.Proved, answer.Stopped, answer.Gap = found.Places, found.Proved, found.Stopped, found.Gap()
	answer.Objective, answer.Bound = float64(found.Objective)/r.scale, float64(found.Bound)/r.scale
	for _, site := range found.Sites {
		answer.Sites = append(answer.Sites, instanceSite{Node: site + 1})
	}
	return answer, nil
}

func (r *readyInstance) cover(o instanceOptions, answer *instanceAnswer, options solver.Options) error {
	reach := r.reach(o.radius)
	found, err := solver.MaxCover(solver.Cover{
		Weights: r.weights, Candidates: len(reach), P: o.p,
		Reach: func(j int, buf []int32) []int32 { return append(buf, reach[j]...) },
	}, options)
	if err != nil {
		return err
	}
	answer.Places, answer.Proved, answer.Stopped, answer.Gap = found.Places, found.Proved, found.Stopped, found.Gap()
	answer.Objective, answer.Bound, answer.Total = float64(found.Objective), float64(found.Bound), &found.Total
	for _, s := range found.Sites {
		answer.Sites = append(answer.Sites, instanceSite{Node: s.Candidate + 1, Gain: &s.Gain, Cumulative: &s.Cumulative})
	}
	return nil
}
