package cell

import (
	"fmt"
	"image"

	"gopherlens/mlkit/internal/notebook"
	"gopherlens/mlkit/internal/notebook/picture"
)

func outputOf(v any) notebook.Output {
	switch v := v.(type) {
	case interface{ HTML() string }:
		return notebook.Output{HTML: v.HTML(), Text: fmt.Sprint(v)}
	case error:
		return notebook.Card(v.Error())
	case image.Image:
		return picture.Of(v)
	case []byte:
		return notebook.Bytes(v)
	}
	return notebook.Output{Text: fmt.Sprint(v)}
}
