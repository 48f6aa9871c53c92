package intake

// Meaning is what a word of a list is read as.
func Meaning(c Collection, heading, text string) string {
	switch field := Guess(c, []string{heading})[0]; {
	case field == "sponsor":
		return string(word(text, sponsorNames))
	case field == "status" && c == Stations:
		return string(word(text, stationStatusNames))
	case field == "status":
		return string(word(text, gridStatusNames))
	case field == "zone":
		return string(word(text, zoneNames))
	case field == "kind":
		return string(word(text, sceneKindNames))
	}
	return ""
}
