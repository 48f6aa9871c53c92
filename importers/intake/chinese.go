package intake

import (
	"regexp"
	"strings"
	"sync"
)

// Chinese gives what a message of an import means to a reader of Chinese; empty for one that there are no words for,
// such as what GDAL says. Messages are written in English where they arise; the table below holds each with its
// verbs, and a test looks for those that it does not have.
func Chinese(message string) string {
	if rest, is := strings.CutPrefix(message, "file "); is { // as a problem names the field
		if words := Chinese(rest); words != "" {
			return "文件：" + words
		}
	}
	for _, p := range phrases() {
		if match := p.pattern.FindStringSubmatch(message); match != nil {
			return p.fill(match[1:])
		}
	}
	return ""
}

// phrase is a message with its translation.
type phrase struct {
	pattern *regexp.Regexp
	chinese string // %1 and so on stand for what the verbs of the English matched
}

func (p phrase) fill(values []string) string {
	text := p.chinese
	for i, value := range values {
		if nested := Chinese(value); nested != "" {
			value = nested // repaired: overlap by …
		}
		text = strings.ReplaceAll(text, "%"+string(rune('1'+i)), value)
	}
	return text
}

var verb = regexp.MustCompile(`%(?:\.[0-9])?[dgsqf]`)

var phrases = sync.OnceValue(func() []phrase {
	var list []phrase
	for _, pair := range translations {
		pattern := regexp.QuoteMeta(verb.ReplaceAllString(pair[0], "\x00"))
		list = append(list, phrase{regexp.MustCompile(`^(?s:` + strings.ReplaceAll(pattern, "\x00", "(.+?)") + `)$`), pair[1]})
	}
	return list
})

// translations has the more special before the more general.
var translations = [][2]string{
	// of rows
	{"row %d is about the same", "与第 %1 行说的是同一个"},
	{"has no place", "没有位置"},
	{"[%g, %g] lies outside the city", "[%1, %2] 不在本市"},
	{"lies outside the city", "不在本市"},
	{"the place lies in %s %s", "位置在%1（%2）"},
	{"is no place on the earth", "不是地球上的位置"},
	{"has a coordinate that is not a finite number", "坐标不是有限的数"},
	{"has %d points; a station is at one", "有 %1 个点；驿站只在一个点上"},
	{"is a %s; a station is a point", "图形是 %1；驿站应是点"},
	{"is a %s; a micro-grid is an area", "图形是 %1；微网格应是面"},
	{"has an empty geometry", "图形是空的"},
	{"has a vertex that is no place on the earth", "有一个顶点不是地球上的位置"},
	{"spans more than half the earth: it may cross the antimeridian", "跨越半个地球以上，可能跨过了 180° 经线"},
	{"the outline is not valid: %s", "边界无效：%1"},
	{"the geometry is not one of GeoJSON", "图形不符合 GeoJSON"},
	{"the geometry is not a Point, MultiPoint, LineString, Polygon or MultiPolygon", "图形不是点、多点、线、面或多面"},
	{"the coordinates are not those of the type", "坐标与图形类型不符"},
	{"one of the two coordinates is empty", "经纬度缺了一个"},
	{"is not two coordinates, such as 119.7364,49.2122", "不是一对坐标，应像 119.7364,49.2122"},
	{"has 60 or more minutes or seconds", "分或秒达到或超过 60"},
	{"is not a number", "不是数字"},
	{"is not a whole number", "不是整数"},
	{"is neither yes (是) nor no (否)", "应填“是”或“否”"},
	{"is not a day such as 2026-03-01 or 2026年3月1日", "不是日期，应像 2026-03-01 或 2026年3月1日"},
	{"is no day of the calendar", "日历上没有这一天"},
	{"is not between 2000 and 2100", "不在 2000 年到 2100 年之间"},
	{"has a time that %s", "其中的时间有误：%1"},
	{"names a service that is not known", "有一项服务不认得"},
	{"is not a list of services", "不是服务列表"},
	{"is none of %s", "不是下列之一：%1"},
	{"does not go with the sponsor %s, which is %s", "与建设单位类型 %1 不符，后者属于 %2"},
	{"a new station needs one of %s", "新驿站须填下列之一：%1"},
	{"a new station needs a name", "新驿站须有名称"},
	{"a new station needs a place: a geometry, or the columns lng and lat", "新驿站须有位置：图形，或经度、纬度两列"},
	{"neither a code nor a name says which station this is", "既没有编码也没有名称，不知道是哪个驿站"},
	{"%d stations are called so; say which by its code", "有 %1 个驿站叫这个名称；请用编码指明"},
	{"no station is called so there, and there is no place for a new one", "那里没有叫这个名称的驿站，也没有位置可以新建"},
	{"is not the code of a community of this city", "不是本市社区的代码"},
	{"is not the name of a community of this city; the place decides", "不是本市社区的名称；按位置归入"},
	{"is not the name of a community of this city", "不是本市社区的名称"},
	{"%d communities are called so; say which by its code", "有 %1 个社区叫这个名称；请用代码指明"},
	{"does not begin with the code of a community of this city", "开头不是本市社区的代码"},
	{"is not the community that the code begins with", "与编码开头的社区不一致"},
	{"there is no such micro-grid, and the row has no outline for a new one", "没有这个微网格，这一行也没有边界可以新建"},
	{"there is no such micro-grid", "没有这个微网格"},
	{"there is no such station", "没有这个驿站"},
	{"neither a code nor a community says which micro-grid this is", "既没有编码也没有社区，不知道是哪个微网格"},
	{"%d micro-grids of the community are called so; say which by its code", "社区里有 %1 个微网格叫这个名称；请用编码指明"},
	{"no micro-grid of the community is called so", "社区里没有叫这个名称的微网格"},
	{"the community has 999 micro-grids already", "社区已有 999 个微网格"},
	{"a scene needs its code", "场景须有编码"},
	{"is to the right of the table: its head has %d columns", "在表格右边之外：表头只有 %1 列"},
	// of outlines
	{"repaired: %s", "已修补：%1"},
	{"%s, less than %g m wide", "%1，宽不足 %2 米"},
	{"overlap by %.1f m²", "重叠 %1 平方米"},
	{"leave a gap of %.1f m²", "留下 %1 平方米的空隙"},
	{"reach %.1f m² beyond the community", "超出社区 %1 平方米"},
	{"fit, but do not have the very same vertices along their border", "吻合，但共用的边界上顶点不完全相同"},
	// of files
	{"the file was not inspected yet, or is committed", "文件还没有读过，或者已经提交"},
	{"the file was not checked with the settings as they are, or is committed", "按现在的设置还没有检查，或者已经提交"},
	{"the city is still being loaded; try again in a moment", "城市数据还在加载，请稍候再试"},
	{"%d rows have errors and %d are left for a person: mend the file, or say skip_bad to leave them out", "%1 行有错误，%2 行待人工：请改好文件，或选择跳过"},
	{"the outlines have %d overlaps and gaps: mend them, or say repair_m", "边界有 %1 处重叠或空隙：请改好，或选择自动修补"},
	{"has more than %d outlines, or %d vertices in them; import it in parts, each of whole communities", "超过 %1 个图形或 %2 个顶点；请按整个社区分批导入"},
	{"holds no layer", "文件里没有图层"},
	{"is one file of a shapefile: pack all of them (.shp, .dbf, .shx, .prj, .cpg) into one zip", "只是 Shapefile 的一个文件：请把 .shp、.dbf、.shx、.prj、.cpg 一起打包成 zip"},
	{"is one file of a MapInfo table: pack all of them (.tab, .dat, .map, .id) into one zip", "只是 MapInfo 表的一个文件：请把 .tab、.dat、.map、.id 一起打包成 zip"},
	{"is encrypted: unpack it, and pack it without a password", "压缩包有密码：请解开后不设密码重新打包"},
	{"holds %q, which points outside of the archive", "压缩包里的“%1”指向包外"},
	{"holds %q, which is a link or a device", "压缩包里的“%1”是链接或设备"},
	{"holds %q, which is far larger unpacked than it may be", "压缩包里的“%1”解开后太大"},
	{"holds %q, which is damaged or cut off", "压缩包里的“%1”损坏或不完整"},
	{"holds %q both as a file and as a folder", "压缩包里的“%1”既是文件又是文件夹"},
	{"is a zip archive that cannot be read: it may be cut off", "压缩包读不出来，可能不完整"},
	{"the server cannot read files of this kind: GDAL is not installed", "服务器没有装 GDAL，读不了这种文件"},
	{"is a damaged or cut off workbook", "工作簿损坏或不完整"},
	{"is a damaged workbook", "工作簿损坏"},
	{"is empty", "是空的"},
	{"holds a file whose name cannot be read", "压缩包里有文件名读不出来"},
	{"holds %q twice", "压缩包里有两个“%1”"},
	{"holds %d files; %d are allowed", "压缩包里有 %1 个文件，最多 %2 个"},
	{"is an archive of %d files, none of which is a shapefile, GeoPackage, File Geodatabase, MapInfo table, FlatGeobuf, KML or DXF", "压缩包里有 %1 个文件，但没有 Shapefile、GeoPackage、File Geodatabase、MapInfo 表、FlatGeobuf、KML 或 DXF"},
	{"is an archive without files, or cut off", "压缩包里没有文件，或者不完整"},
	{"is an archive, but not an XLSX workbook", "是压缩包，但不是 XLSX 工作簿"},
	{"is a damaged workbook: %s", "工作簿损坏"},
	{"is a workbook without sheets", "工作簿里没有工作表"},
	{"all sheets of the workbook are hidden", "工作簿的所有工作表都是隐藏的"},
	{"is an old XLS workbook, or one with a password: save it as XLSX without a password", "是旧的 XLS 或有密码的工作簿：请另存为不设密码的 XLSX"},
	{"is a web page or XML, whatever its name says: open it in a spreadsheet program and save it as XLSX", "其实是网页或 XML：请用表格软件打开，另存为 XLSX"},
	{"is a PDF, not a table", "是 PDF，不是表格"},
	{"is not a regular file", "不是普通文件"},
	{"has no rows", "没有任何行"},
	{"has more than %d rows", "超过 %1 行"},
	{"has more than %d merged cells", "合并单元格超过 %1 个"},
	{"is too large when unpacked", "解开后太大"},
	{"has %d bytes; at most %d are read", "有 %1 字节，最多读 %2 字节"},
	{"row %d: has merged cells that overlap", "第 %1 行：合并单元格互相重叠"},
	{"row %d: has more than %d columns", "第 %1 行：超过 %2 列"},
	{"row %d: a quote that begins here does not end", "第 %1 行：从这里开始的引号没有结束"},
	{"row %d: is UTF-8 with bytes in it that are none: damaged, or cut off", "第 %1 行：UTF-8 文字里有损坏的字节，文件损坏或不完整"},
	{"row %d: is not text", "第 %1 行：不是文字"},
	{"row %d, column %s: has bytes that are no text in this encoding", "第 %1 行 %2 列：有字节不属于这种编码；换一种编码试试"},
	{"row %d, column %s: more than %d bytes in a cell; is a quote missing?", "第 %1 行 %2 列：一格超过 %3 字节，是不是少了引号？"},
	{"row %d, column %s: more than %d bytes in a cell", "第 %1 行 %2 列：一格超过 %3 字节"},
	{"the file says that its coordinates are in %s, which is not read here: transform it to WGS84 or CGCS2000", "文件写明坐标系是 %1，这里不读：请转换为 WGS84 或 CGCS2000"},
	{"the file is in %s, a datum on the Krasovsky or IAG 75 ellipsoid that was given up in 2018. It lies up to 120 m from CGCS2000, by seven parameters that differ from place to place and are kept by the survey office (自然资源局): ask them to transform the file to CGCS2000, and import that", "文件的坐标系是 %1，2018 年已停用，与 CGCS2000 相差可达 120 米。转换用的七参数各地不同，由自然资源局保管：请他们把文件转换为 CGCS2000，再导入转换后的文件"},
	{"cannot be read: %s", "读不出来：%1"},
	{"cannot be read", "读不出来"},
}
