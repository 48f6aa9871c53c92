package importers

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
			if text := p.fill(match[1:]); text != "" {
				return text
			}
		}
	}
	return ""
}

// phrase is a message with its translation.
type phrase struct {
	pattern *regexp.Regexp
	chinese string // %1 and so on stand for what the verbs of the English matched; %1! for what must have words, too
}

func (p phrase) fill(values []string) string {
	text := p.chinese
	for i, value := range values {
		mark := "%" + string(rune('1'+i))
		nested := Chinese(value)
		if nested == "" && strings.Contains(text, mark+"!") {
			return "" // half a sentence in Chinese helps nobody
		}
		if nested != "" {
			value = nested // repaired: overlap by …
		} else {
			value = inWords(value)
		}
		text = strings.ReplaceAll(strings.ReplaceAll(text, mark+"!", value), mark, value)
	}
	return text
}

// words are what short names in lists are called.
var words = map[string]string{"union": "工会", "party_centre": "党群服务中心", "bank": "银行", "utility": "通信供电营业厅", "post": "邮政快递", "retail": "商超餐饮", "fuel": "加油站",
	"public_service": "公共服务", "community": "社区", "enterprise": "企业"}

// inWords gives a list of short names in words; anything else as it is.
func inWords(list string) string {
	names := strings.Split(list, ", ")
	for i, name := range names {
		if names[i] = words[name]; names[i] == "" {
			return list
		}
	}
	return strings.Join(names, "、")
}

var verb = regexp.MustCompile(`%(?:\.[0-9]+)?[dgsqf]`)

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
	{"is a %s; what is drawn here is an area", "图形是 %1；这里应是面"},
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
	{"the outline differs; outlines of units that are there are not changed by an import", "边界与现有的不同；导入不改动已有单元的边界"},
	{"is not the level that the code is of", "与代码所属的级别不符"},
	{"is not the unit above that the code names", "与代码所指的上级不符"},
	{"neither a code nor a name says which unit this is", "既没有代码也没有名称，不知道是哪个单元"},
	{"no unit is called so there; a new one needs its code", "那里没有叫这个名称的单元；新建须填代码"},
	{"%d units are called so; say which by its code", "有 %1 个单元叫这个名称；请用代码指明"},
	{"the outline reaches beyond the extent of the unit above", "边界超出上级单元的范围"},
	{"the unit above is neither in the city nor in the file", "上级单元既不在本市数据里，也不在文件里"},
	{"has more than %d units, or %d vertices in new ones; import it in parts", "超过 %1 个单元或 %2 个顶点；请分批导入"},
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
	{"cannot be read: it took too much time or memory, or is damaged", "读不出来：用了太多时间或内存，或者文件损坏"},
	// of Parquet
	{"is a damaged or cut off Parquet file (%s)", "Parquet 文件损坏或不完整（%1）"},
	{"is a damaged or cut off Parquet file", "Parquet 文件损坏或不完整"},
	{"is a Parquet file with a password", "Parquet 文件有密码"},
	{"is a Parquet file whose geometry is in the encoding %s; WKB is read here", "Parquet 文件的图形用 %1 编码；这里只读 WKB"},
	{"is a Parquet file with more than %d columns", "Parquet 文件超过 %1 列"},
	{"is a Parquet file with a footer of more than %d MB", "Parquet 文件的尾部超过 %1 MB"},
	{"is a Parquet file that cannot be read in the memory and time that it may take", "Parquet 文件在允许的内存和时间内读不完"},
	// of what features are
	{"%q is not 3 to 32 of digits, capital letters and hyphens", "%1 应由 3 到 32 个数字、大写字母或连字符组成"},
	{"%q is not a micro-grid code of 15 digits", "%1 不是 15 位的微网格编码"},
	{"%q is not a micro-grid code", "%1 不是微网格编码"},
	{"%q is not a leader code of 17 digits", "%1 不是 17 位的负责人编码"},
	{"%q is not the code of a community", "%1 不是社区代码"},
	{"%q is not the code of a %s", "%1 不是 %2 级的代码"},
	{"%q is the code of a city", "%1 是市的代码"},
	{"%q is not the community that code %s names", "%1 不是编码 %2 所指的社区"},
	{"%q is not the micro-grid that code %s names", "%1 不是编码 %2 所指的微网格"},
	{"%q is not the unit above that code %s names", "%1 不是代码 %2 所指的上级"},
	{"a city has none", "市没有上级"},
	{"%q does not fit the sponsor %q", "%1 与建设单位类型 %2 不符"},
	{"%q is not a known kind of scene", "%1 不是认得的场景类型"},
	{"%q is not a known service", "%1 不是认得的服务"},
	{"%q is not a known sponsor", "%1 不是认得的建设单位类型"},
	{"%q is not core or hinterland", "%1 应是 core（核心区）或 hinterland（外围区）"},
	{"%q is not draft, in_review, returned or published", "%1 应是 draft（草稿）、in_review（审核中）、returned（退回）或 published（已发布）"},
	{"%q is not elected, recommended or appointed", "%1 应是 elected（选举）、recommended（推荐）或 appointed（委派）"},
	{"%q is not one of city, banner, township, community", "%1 应是 city（市）、banner（旗市区）、township（苏木乡镇街道）或 community（社区）"},
	{"%q is not planned, active, suspended or closed", "%1 应是 planned（拟建）、active（运行）、suspended（暂停）或 closed（关闭）"},
	{"%q is not unit_leader, grid_member or party_group_leader", "%1 应是 unit_leader、grid_member 或 party_group_leader"},
	{"%q is not working, limited, broken or unknown", "%1 应是 working（正常）、limited（受限）、broken（故障）或 unknown（未知）"},
	{"%q occurs twice", "%1 出现了两次"},
	{"%q is neither a day such as 2026-02-17 nor a time such as 2026-02-17T08:30:00Z", "%1 不是日期（如 2026-02-17），也不是时间（如 2026-02-17T08:30:00Z）"},
	{"%s is not of the community %s", "%1 不属于社区 %2"},
	{"a scene has 1 to %d micro-grids", "一个场景有 1 到 %1 个微网格"},
	{"a scene has at most %d stations", "一个场景最多 %1 个驿站"},
	{"must be in ascending order, each once", "须按顺序排列，各一次"},
	{"%d is not in 0..%d", "%1 不在 0 到 %2 之间"},
	{"%d is not in 1..%d", "%1 不在 1 到 %2 之间"},
	{"has %d characters; %d are allowed", "有 %1 个字，最多 %2 个"},
	{"has more than %d characters", "超过 %1 个字"},
	{"is not UTF-8", "不是 UTF-8 文字"},
	{"holds a zero character", "含有零字符"},
	{"is not text", "不是文字"},
	{"lng %g is not in -180..180", "经度 %1 不在 -180 到 180 之间"},
	{"lat %g is not in -90..90; the order is lng, lat", "纬度 %1 不在 -90 到 90 之间；次序是经度、纬度"},
	{"is not a finite number", "不是有限的数"},
	{"a coordinate is not a finite number", "坐标不是有限的数"},
	{"a position has fewer than two numbers", "位置少于两个数"},
	{"has no polygon", "没有面"},
	{"polygon %d has no ring", "第 %1 个面没有边界"},
	{"ring %d of polygon %d is not closed or has fewer than 4 vertices", "第 %2 个面的第 %1 圈没有闭合，或不足 4 个顶点"},
	{"has more than %d vertices", "超过 %1 个顶点"},
	{"the geometry has more than %d vertices", "图形超过 %1 个顶点"},
	{"is longer than %d bytes", "超过 %1 字节"},
	{"is not a text", "不是文字"},
	// of opening hours
	{"%q is not a time such as 08:30", "%1 不是钟点，应像 08:30"},
	{"%q is not a date such as 2026-02-17", "%1 不是日期，应像 2026-02-17"},
	{"%q is not a weekday such as Mo or a range such as Mo-Fr", "%1 不是星期，应像 Mo（周一）或 Mo-Fr（周一至周五）"},
	{"a span cannot begin at 24:00", "时段不能从 24:00 开始"},
	{"more than %d spans a day", "一天超过 %1 个时段"},
	{"more than %d dates", "超过 %1 个日期"},
	{"spans overlap", "时段互相重叠"},
	{"no times", "没有写时间"},
	{"has %d bytes when written in full; %d are allowed", "写全了有 %1 字节，最多 %2 字节"},
	{"has %d bytes; %d are allowed", "有 %1 字节，最多 %2 字节"},
	// of tables of figures and of places
	{"is of the same unit as row %d", "与第 %1 行是同一个单元"},
	{"is one figure for several cells that are merged: of which unit is it?", "一个数占了几个合并的单元格：是哪个单元的？"},
	{"is without a per cent sign, which other rows have", "没有百分号，而其他行有"},
	{"is a date (%s), not a number", "是日期（%1），不是数"},
	{"is %s, not a number", "是 %1，不是数"},
	{"%s is too large", "%1 太大"},
	{"says 无: write 0 for none, or leave it empty for no data", "写着“无”：没有请写 0，没有数据请留空"},
	{"%s is per mille: write it as per cent or as a fraction", "%1 是千分数：请写成百分数或小数"},
	{"%s has a unit: write the number in full", "%1 带单位：请把数写全"},
	{"%s has a comma that does not separate thousands", "%1 的逗号不是千位分隔"},
	{"%s has lost digits: make the column text before typing the codes", "%1 丢了数位：请先把这一列设为文本再填编码"},
	{"%s is not a code of digits", "%1 不是数字编码"},
	{"%s is not a code", "%1 不是编码"},
	{"%s is not a number", "%1 不是数"},
	{"lng %g, lat %g is far from the city: lng and lat are swapped", "经度 %1、纬度 %2 离本市很远：经纬度对调了"},
	{"lng %g, lat %g is far from the city", "经度 %1、纬度 %2 离本市很远"},
	{"no column of numbers was found", "没有找到数字列"},
	{"no column was found for %s", "没有找到 %1 列"},
	{"the table has no column %s", "表里没有 %1 列"},
	{"is not one of wgs84, gcj02, bd09: say which system the coordinates are in", "不是 wgs84、gcj02、bd09 之一：请说明坐标系"},
	{"is not one of UTF-8, UTF-16LE, UTF-16BE, GB18030", "不是 UTF-8、UTF-16LE、UTF-16BE、GB18030 之一"},
	{"is not the first and the last row of a head", "不是表头的首行和末行"},
	{"is of more than %d rows", "超过 %1 行"},
	{"ends at row %d, below the first %d rows that have something in them", "到第 %1 行为止，超出有内容的前 %2 行"},
	{"cannot be a delimiter", "不能作分隔符"},
	{"the workbook has no sheet of this name", "工作簿里没有这个名称的工作表"},
	{"has %d files in it; a workbook has at most %d", "里面有 %1 个文件，工作簿最多 %2 个"},
	{"has a text of more than %d bytes", "有一段文字超过 %1 字节"},
	{"has more than %d MB of text", "文字超过 %1 MB"},
	// of steps
	{"%d is not where the file goes on: %d bytes are here", "%1 不是接着传的位置：已收到 %2 字节"},
	{"%q is not a field of %s", "%1 不是 %2 的字段"},
	{"%q is not a field", "%1 不是字段"},
	{"cannot be chosen for this file", "这个文件不能选它"},
	{"changed while it was read", "读的时候变了"},
	{"has %d items; %d are allowed: mend the file", "有 %1 项，最多 %2 项：请改文件"},
	{"has %d items; the file has %d columns", "有 %1 项，而文件有 %2 列"},
	{"has a code of more than %d characters for row %d", "第 %2 行的编码超过 %1 个字"},
	{"has a row that is not counted from 1", "行号应从 1 数起"},
	{"has two answers for row %d", "第 %1 行有两个答案"},
	{"needs both a field and a code for row %d, or neither to leave it out", "第 %1 行须同时有字段和编码；都不填则是略去这一行"},
	{"is not a datum that is read here, such as wgs84, gcj02 or cgcs2000-4528", "不是这里读的坐标系，如 wgs84、gcj02 或 cgcs2000-4528"},
	{"is not in 0..%d", "不在 0 到 %1 之间"},
	{"is not keep or delete", "应是 keep（保留）或 delete（删除）"},
	{"is not one of stations, micro_grids, friendly_scenes, units, candidates", "不是驿站、微网格、友好场景、行政单元、备选点之一"},
	{"is not one of the file", "文件里没有"},
	{"has a name that begins with a dash: rename it", "名称以减号开头：请改名"},
	{"it is not known yet whether the last commit went in; try again in a moment", "还不知道上次提交有没有写入，请稍候再试"},
	{"is not what was sent any more: send it again", "与上传时不同了：请再传一次"},
	{"lies in %s, outside the rights of this account", "在“%1”，不在你的账号负责的范围内"},
	{"nothing would change", "没有改动"},
	{"this account may not change features of this kind", "你的账号不能改动这一类数据"},
	{"something is being done with the import; wait, or cancel its job", "正在处理这次导入：请等一等，或者停止"},
	{"the file is here already", "文件已经传完"},
	{"the file is longer than the %d bytes that were announced", "文件超过事先说的 %1 字节"},
	{"the file is not whole, or is committed", "文件没有传完，或者已经提交"},
	{"the file was not checked yet with the settings as they are", "按现在的设置还没有检查"},
	{"the file was not inspected yet", "文件还没有读过"},
	{"there are too many imports at once; try again later", "同时进行的导入太多，请稍后再试"},
	{"there is no such import: it is unknown to this server, or was forgotten", "没有这次导入：这台服务器不认得，或者已经清除"},
	{"there is nothing to undo", "没有可以撤销的"},
	{"two columns mean %s", "有两列都表示 %1"},
	{"what was found takes more than 4 GB", "检查结果超过 4 GB"},
	{"you have %d imports already; remove one", "已有 %1 个导入，请先去掉一个"},
	// of GeoJSON
	{"holds a feature of more than %d MB", "有一个要素超过 %1 MB"},
	{"holds more than %d GB", "内容超过 %1 GB"},
	{"holds no feature", "没有任何要素"},
	{"%s/%s: you may not do %s there", "你的账号不能改动 %1/%2，一处也没有改"},
	{"is cut off after feature %d", "在第 %1 个要素之后断开，文件不完整"},
	{"is not GeoJSON: features is not a list", "不是 GeoJSON：features 不是列表"},
	{"is not GeoJSON: it does not begin with an object", "不是 GeoJSON：开头不是对象"},
	{"is not GeoJSON: the type is neither FeatureCollection nor Feature", "不是 GeoJSON：type 既不是 FeatureCollection 也不是 Feature"},
	{"is not JSON near byte %d, after feature %d", "在第 %1 字节附近（第 %2 个要素之后）不是 JSON"},
	// of what GDAL complains about
	{"is encrypted, or not of the format that its beginning says", "有密码，或者格式与文件开头所写的不符"},
	{"is damaged", "文件损坏"},
	{"is a shapefile of which a part (.shx or .dbf) is missing or damaged", "Shapefile 缺少或损坏了一部分（.shx 或 .dbf）"},
	{"is a MapInfo table of which a part (.dat, .map or .id) is missing or damaged", "MapInfo 表缺少或损坏了一部分（.dat、.map 或 .id）"},
	{"is too large, or says that it is", "太大，或者自称太大"},
	{"is XML that is cut off or not well formed", "XML 不完整或不合规范"},
	{"is cut off", "文件不完整"},
	{"is of a version or a kind that is not read here", "版本或种类这里不读"},
	{"names a system of coordinates that is not known", "所写的坐标系不认得"},
	{"holds a shape that cannot be read", "有图形读不出来"},
	{"does not have the layer that is asked for", "没有所要的图层"},
	{"holds text in an encoding that cannot be read", "文字的编码读不出来"},
	{"cannot be opened: it is damaged, or not of the format that its beginning says", "打不开：文件损坏，或者格式与文件开头所写的不符"},
	{"%s (GDAL: %s)", "%1!（GDAL：%2）"},
	{"cannot be read: %s", "读不出来：%1"},
	{"cannot be read", "读不出来"},
	{"%s in %q", "%1!（在 %2 里）"}, // of opening hours: the rule
}
