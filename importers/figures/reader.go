package figures

import "github.com/yizhan/yizhan"

// Reader reads tables, for who takes an interface.
type Reader struct{}

// ReadFigures is ReadFigures.
func (Reader) ReadFigures(file []byte, ask yizhan.TableAsk, city *yizhan.City) (*yizhan.FigureTable, error) {
	return ReadFigures(file, ask, city)
}

// ReadPlaces is ReadPlaces.
func (Reader) ReadPlaces(file []byte, ask yizhan.TableAsk, city *yizhan.City) (*yizhan.PlaceTable, error) {
	return ReadPlaces(file, ask, city)
}
