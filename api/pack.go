package api

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/valyala/fasthttp"

	"github.com/yizhan/yizhan"
)

type packInput struct {
	Since int64 `query:"since"`
}

func (s *Server) routePack() {
	zero := 0.0
	operation[packInput, StationPack](s, huma.Operation{
		OperationID: "get-stations-pack", Path: "/api/stations.pack", Tags: []string{"Nearest"},
		Summary: "All stations for a phone without a network",
		Description: "Every active station in columns: where it is, its hours, services with their condition, and when they were confirmed; 550 stations take about 12 kB. " +
			"With `since`, the seq of a pack, only what changed after it; `since` in the answer is then the same, and 0 where the pack is whole all the same, " +
			"because what changed is not known that far back or is too much. The sum tells whether the changes were laid over the right stations. " +
			"Answered from memory; `X-Yizhan-Age` says how old it is.",
		Parameters: []*huma.Param{{Name: "since", In: "query", Description: "Only what changed after this seq",
			Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &zero}}},
		Responses: map[string]*huma.Response{"200": {Description: "The stations, or what changed", Headers: ageHeaders()}},
	}, s.stationsPack)
}

func (s *Server) stationsPack(ctx context.Context, in *packInput) (*reply, error) {
	if in.Since > 0 {
		s.reaches(ctx, in.Since) // the phone may have asked a process that is ahead of this one
	}
	city := s.options.Feed.City()
	if city == nil {
		return nil, stillLoading()
	}
	answer, err := s.packs.answer(city, in.Since)
	if err != nil {
		return nil, err
	}
	return s.aged(answer, city.Seq), nil
}

// packs keeps the pack of the latest city that was asked for, and what changed on the way to it.
type packs struct {
	history packHistory
	whole   *reply
}

// answer is the pack, or what changed in it after a seq.
func (p *packs) answer(city *yizhan.City, since int64) (*reply, error) {
	p.history.mu.Lock()
	defer p.history.mu.Unlock() // one packs, the others wait for it
	if p.history.reach(city) || p.whole == nil {
		p.whole = nil
		whole, err := p.wholePack()
		if err != nil {
			return nil, err
		}
		p.whole = whole
	}
	changed, removed, known := p.history.after(since)
	if !known || len(changed)+len(removed) > len(p.history.stations)/2 {
		return p.whole, nil
	}
	pack := packStations(p.history.city, changed, false)
	pack.Since, pack.Removed = since, append(pack.Removed, removed...)
	return p.reply(pack)
}

func (p *packs) wholePack() (*reply, error) {
	answer, err := p.reply(packStations(p.history.city, p.history.stations, true))
	if err != nil {
		return nil, err
	}
	answer.version, answer.packed = hashOf(answer.body), &packed{}
	if len(answer.body) <= packSqueezed {
		answer.packed.brotli.Do(func() {
			answer.packed.forms[1] = fasthttp.AppendBrotliBytesLevel(nil, answer.body, fasthttp.CompressBrotliBestCompression)
		})
	}
	return answer, nil
}

// packSqueezed is the largest pack that is worth the best compression: 65 kB take 0.1 s and become a seventh
// smaller than at the level of other answers.
const packSqueezed = 256 << 10

func (p *packs) reply(pack *StationPack) (*reply, error) {
	pack.Seq, pack.Sum = p.history.seq, sumOf(p.history.stations)
	pack.City = packCity(p.history.city)
	body, err := json.Marshal(pack)
	if err != nil {
		return nil, fmt.Errorf("encode the pack of stations: %w", err)
	}
	return &reply{body: body}, nil
}

func packCity(city *yizhan.City) (c PackCity) {
	if root := rootOf(city); root != nil {
		c = PackCity{Code: root.Code, Name: root.Name, NameEn: root.NameEn}
	}
	for _, station := range city.Stations {
		c.Demo = c.Demo || station.Synthetic
	}
	return c
}

// sumOf tells sets of stations in their versions apart.
func sumOf(stations []*yizhan.Station) uint32 {
	sum := fnv.New32a()
	var line []byte
	for _, station := range stations {
		line = append(append(line[:0], station.Code...), ':')
		line = append(strconv.AppendInt(line, station.Version, 10), '\n')
		sum.Write(line) // never fails
	}
	return sum.Sum32()
}
