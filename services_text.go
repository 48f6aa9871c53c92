package yizhan

import (
	"fmt"
	"strings"
	"time"
)

// ServicesText writes services into one cell of a table: those that are known to work by their names, others
// with their condition, each with the time when that was last confirmed:
//
//	water@2026-02-17T08:30:00Z; charging; heating:broken
//
// ParseServices reads it back.
func ServicesText(services []StationService) string {
	parts := make([]string, len(services))
	for i, have := range services {
		parts[i] = string(have.Service)
		if have.Condition != Working {
			parts[i] += ":" + string(have.Condition)
		}
		if !have.ConfirmedAt.IsZero() {
			parts[i] += "@" + have.ConfirmedAt.UTC().Format(time.RFC3339Nano)
		}
	}
	return strings.Join(parts, "; ")
}

// betweenServices are the signs that people put between services in one cell.
const betweenServices = ";,|/\n\t ；，、"

// ParseServices reads services in one cell, separated by semicolons, commas, slashes or spaces, of either width.
// named gives the service and the condition that a word means, such as 饮水 or 损坏; it may be nil, for the
// codes only.
func ParseServices(text string, named func(word string) string) ([]StationService, error) {
	if named == nil {
		named = func(word string) string { return word }
	}
	var services []StationService
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(betweenServices, r) }) {
		have, err := parseService(part, named)
		if err != nil {
			return nil, err
		}
		services = append(services, have)
	}
	return services, checkServices(services)
}

func parseService(part string, named func(string) string) (have StationService, err error) {
	part, confirmed, isConfirmed := strings.Cut(part, "@")
	if isConfirmed {
		if have.ConfirmedAt, err = parseConfirmed(confirmed); err != nil {
			return have, err
		}
	}
	service, condition, isConditioned := strings.Cut(strings.ReplaceAll(part, "：", ":"), ":")
	have.Service, have.Condition = Service(named(service)), Working
	if isConditioned {
		have.Condition = Condition(named(condition))
	}
	return have, nil
}

// parseConfirmed reads a time, or a day in China.
func parseConfirmed(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.UTC().Year() >= 1 && at.UTC().Year() <= 9999 {
		return at.UTC(), nil
	}
	at, err := time.ParseInLocation(time.DateOnly, text, China)
	if err != nil {
		return at, Invalid("services", "%q is neither a day such as 2026-02-17 nor a time such as 2026-02-17T08:30:00Z", fmt.Sprintf("%.40s", text))
	}
	return at.UTC(), nil
}
