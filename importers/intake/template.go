package intake

import "slices"

// Template gives the heading of a list to be filled in, in Chinese or English, and an example of a row. What is
// there to find a place by other ways is left out: one way is enough for somebody who begins.
func Template(c Collection, english bool) (heading, example []string) {
	skipped := []string{"position", "kind", "community", "banner_name", "township_name", "micro_grid", "entrance", "approximate"}
	switch c {
	case Scenes:
		skipped = nil
	case MicroGrids:
		skipped = []string{"community", "banner_name", "township_name", "community_name"}
	}
	for _, f := range Fields(c) {
		if slices.Contains(skipped, f.Name) || len(f.Name) > len(serviceField) && f.Name[:len(serviceField)] == serviceField {
			continue
		}
		if name := f.Chinese; english {
			heading = append(heading, f.English)
		} else {
			heading = append(heading, name)
		}
		example = append(example, f.example)
	}
	return heading, example
}
