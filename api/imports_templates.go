package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/yizhan/yizhan/exports"
	"github.com/yizhan/yizhan/importers/intake"
)

type importTemplateInput struct {
	Collection string `path:"collection" doc:"What the list is of" enum:"stations,micro_grids,friendly_scenes,units,candidates" example:"stations"`
	Format     string `query:"format" enum:"xlsx,excel-csv" default:"xlsx" doc:"The kind of file"`
	Lang       string `query:"lang" enum:"zh,en" default:"zh" doc:"Of the heading"`
}

func (s *Server) routeImportTemplates() {
	operation[importTemplateInput, string](s, huma.Operation{
		OperationID: "get-import-template", Path: importsPath + "/templates/{collection}", Tags: []string{"Imports"}, Summary: "A list to fill in",
		Description: "Its heading is known to imports, and its one row is an example to be replaced. Cells of a workbook offer what they may be.",
		Errors:      []int{401, 403, 404}, Metadata: map[string]any{"media_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		Responses: map[string]*huma.Response{"200": {Description: "The file"}},
	}, s.importTemplate)
}

func (s *Server) importTemplate(_ context.Context, in *importTemplateInput) (*reply, error) {
	collection := intake.Collection(in.Collection)
	found := false
	for _, c := range intake.Collections() {
		found = found || c == collection
	}
	if !found {
		return nil, notFound("there is no template of this kind")
	}
	format, err := exports.FormatOf(in.Format)
	if err != nil {
		return nil, err
	}
	sheet := exports.Table{Name: "导入模板"}
	var row []exports.Value
	for i, c := range intake.Template(collection, in.Lang == "en") {
		sheet.Columns = append(sheet.Columns, exports.Column{Name: fmt.Sprintf("c%d", i+1), Title: c.Heading, Type: exports.TextType, Choices: c.Choices, Description: needed(c.Required)})
		row = append(row, exports.Text(c.Example))
	}
	sheet.Rows = func(yield func([]exports.Value, error) bool) { yield(row, nil) }
	var file bytes.Buffer
	if err := format.Write(&file, sheet); err != nil {
		return nil, err
	}
	return &reply{status: http.StatusOK, contentType: format.MediaType, body: file.Bytes(), headers: map[string]string{
		fiber.HeaderContentDisposition: attachment(in.Collection+"-template"+format.Extension, "导入模板"+format.Extension)}}, nil
}

// needed says on the sheet that explains the columns which of them a new feature needs.
func needed(is bool) string {
	if is {
		return "必填 needed"
	}
	return ""
}
