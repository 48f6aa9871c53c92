package intake

import (
	"slices"

	"github.com/yizhan/yizhan"
	"github.com/yizhan/yizhan/geo"
	"github.com/yizhan/yizhan/importers"
)

// Settings is how a file is read. Zero values stand for what was found.
type Settings struct {
	Collection Collection
	Encoding   string
	Delimiter  string
	Layer      string
	Columns    []string // what each column means; empty for nothing
	Datum      string   // the name of a geo.Reference; empty for the likeliest
	Swapped    bool
	Missing    string  // Keep or Delete; empty for what is usual for the collection
	RepairM    float64 // outlines are repaired up to this tolerance; 0 for not
	SkipBad    bool    // rows with errors are left out
	Settled    []Settlement
}

// What becomes of features that the file does not have.
const (
	Keep   = "keep"
	Delete = "delete"
)

// MaxRepairM bounds the tolerance of repairs: more is not a fault of drawing.
const MaxRepairM = 5

func (s Settings) validate(inspected *Inspection) error {
	if !slices.Contains(Collections(), s.Collection) {
		return yizhan.Invalid("collection", "is not one of stations, micro_grids, friendly_scenes, units, candidates")
	}
	if s.Datum != "" {
		if _, known := geo.ReferenceOf(s.Datum); !known {
			return yizhan.Invalid("datum", "is not a datum that is read here, such as wgs84, gcj02 or cgcs2000-4528")
		}
	}
	if s.Missing != "" && s.Missing != Keep && s.Missing != Delete {
		return yizhan.Invalid("missing", "is not keep or delete")
	}
	if !(s.RepairM >= 0 && s.RepairM <= MaxRepairM) {
		return yizhan.Invalid("repair_m", "is not in 0..%d", MaxRepairM)
	}
	if s.Encoding != "" && !slices.Contains(inspected.Head.Encodings, s.Encoding) {
		return yizhan.Invalid("encoding", "cannot be chosen for this file")
	}
	if s.Layer != "" && !slices.Contains(inspected.Head.Layers, s.Layer) {
		return yizhan.Invalid("layer", "is not one of the file")
	}
	if err := validateSettled(s.Settled, Fields(s.Collection)); err != nil {
		return err
	}
	return s.validateColumns()
}

func (s Settings) validateColumns() error {
	fields := Fields(s.Collection)
	seen := map[string]bool{}
	for _, name := range s.Columns {
		if name == "" {
			continue
		}
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			return yizhan.Invalid("columns", "%q is not a field of %s", importers.Clip(name), s.Collection)
		}
		if seen[name] {
			return yizhan.Invalid("columns", "two columns mean %s", name)
		}
		seen[name] = true
	}
	return nil
}

// rereads tells whether other settings make another table of the file.
func (s Settings) rereads(other Settings) bool {
	return s.Encoding != other.Encoding || s.Delimiter != other.Delimiter || s.Layer != other.Layer || s.Collection != other.Collection
}

func (s Settings) options() importers.Options {
	return importers.Options{Encoding: s.Encoding, Delimiter: s.Delimiter, Layer: s.Layer}
}

// options are those of the settings, and what the inspection found: it need not be found again.
func (s State) options() importers.Options {
	options := s.Settings.options()
	if head := s.Inspection.Head; options.Encoding == "" {
		options.Encoding = head.Encoding
	}
	if head := s.Inspection.Head; options.Delimiter == "" {
		options.Delimiter = head.Delimiter
	}
	return options
}

// Set changes how the file is read, and forgets what a check found. It tells whether the file has to be
// inspected again.
func (im *Import) Set(s Settings) (again bool, err error) {
	select {
	case im.work <- struct{}{}:
		defer im.end()
	default:
		return false, yizhan.Errorf(yizhan.CodeConflict, "", "something is being done with the import; wait, or cancel its job")
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	if im.stage != Inspected && im.stage != Checked {
		return false, yizhan.Errorf(yizhan.CodeConflict, "", "the file was not inspected yet, or is committed")
	}
	if err := s.validate(im.inspected); err != nil {
		return false, err
	}
	again = s.rereads(im.settings)
	if again {
		s.Columns, s.Settled = nil, nil // they were those of another table
	} else if s.Columns == nil {
		s.Columns = im.inspected.Guessed
	} else if len(s.Columns) != len(im.inspected.Head.Columns) {
		return false, yizhan.Invalid("columns", "has %d items; the file has %d columns", len(s.Columns), len(im.inspected.Head.Columns))
	}
	im.settings, im.stage = s, Inspected
	im.checked.close()
	im.checked = nil
	return again, im.keep()
}
