// Package picture is package result for a cell that ends with an image.
package picture

import (
	"image"

	"gopherlens/mlkit/cell/result"
	"gopherlens/mlkit/internal/notebook/picture"
)

// Value is what the last expression of the cell came to.
var Value image.Image

// Show shows Value.
func Show() {
	if Value == nil {
		result.Show()
		return
	}
	result.ShowAs(picture.Of(Value))
}
