// Package api speaks HTTP: the JSON and GeoJSON API, vector tiles, server-sent events, the pages, and
// their OpenAPI document. It is the only package that imports Fiber, and no Fiber type leaves it.
//
// Order is lng, lat and the datum is WGS84 everywhere. Distances are metres. Every error, also one that
// happens before a handler runs, is an RFC 9457 problem.
//
// It reads: features from a Store, everything else from views in memory, so that tiles, nearest and
// coverage answer while the database is away. It holds no state but caches of its own answers, and it
// knows neither SQL nor how a view is built. Personal data is not reachable through it.
package api
