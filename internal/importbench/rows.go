package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"github.com/paulmach/orb"

	"github.com/yizhan/yizhan"
)

// maxRows is how many stations some 100 m from each other have room in the city.
const maxRows = 1_150_000

// flatCity is one community of a degree by a degree, and what is above it.
func flatCity() yizhan.Changeset {
	const west, south, east, north = 119, 49, 120, 50
	changeset := yizhan.Changeset{Author: "bench", Reason: "a city"}
	for _, u := range []yizhan.Unit{
		{Code: "150700", Level: yizhan.LevelCity, Name: "呼伦贝尔市"}, {Code: "150702", Level: yizhan.LevelBanner, Parent: "150700", Name: "海拉尔区"},
		{Code: "150702001", Level: yizhan.LevelTownship, Parent: "150702", Name: "正阳街道"}, {Code: "150702001001", Level: yizhan.LevelCommunity, Parent: "150702001", Name: "天润社区"},
	} {
		u.Boundary = orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
		changeset.Edits = append(changeset.Edits, yizhan.CreateOf(&u))
	}
	return changeset
}

// writeRows writes stations as an office lists them: Chinese heads, a code, a name, hours and services of each.
func writeRows(path string, rows int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := bufio.NewWriterSize(file, 1<<20)
	fmt.Fprintln(out, "驿站编码,驿站名称,建设单位,地址,经度,纬度,开放时间,服务项目,座位数")
	for n := range rows {
		lng, lat := 119.0005+float64(n%700)*0.00142, 49.0005+float64(n/700)*0.0006
		fmt.Fprintf(out, "IMP-%07d,第%d驿站,银行,某街%d号,%.7f,%.7f,8:30-18:00,饮水;充电,%d\n", n, n, n, lng, lat, n%20)
	}
	return out.Flush()
}
