// Package table reads tables as offices send them: CSV and other delimited text in UTF-8, UTF-16 or GB18030,
// and XLSX workbooks. It finds the encoding, the delimiter and the head (which may lie under a title and
// have merged cells over two or three rows), and gives the rows below it one after the other, each with the
// number that a spreadsheet shows beside it.
//
// It knows nothing of what a table means. A cell says what it holds and whether that can be trusted: a
// failed formula, or a cell merged with others, is for the caller to refuse, naming row and column.
//
// A workbook is read from its XML in one pass, not loaded: excelize gives neither formulas nor merged cells
// nor per cent while it streams. Memory is bounded by Limits, whatever the file says of itself.
package table
