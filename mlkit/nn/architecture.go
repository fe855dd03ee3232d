package nn

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// architecture is what decides whether weights fit a model.
type architecture struct {
	Input  Shape            `json:"input"`
	Layers []map[string]any `json:"layers"`
}

func (m *Model) architecture(layers []placed) architecture {
	a := architecture{Input: layers[0].in}
	for _, l := range layers {
		c := l.Config()
		c["name"] = l.name
		delete(c, "input_shape") // Input says it for the whole model
		a.Layers = append(a.Layers, c)
	}
	return a
}

// difference tells in words how the model was when it was trained, "" if it was the same.
func (a architecture) difference(now architecture) string {
	if !slices.Equal(a.Input, now.Input) {
		return fmt.Sprintf("it took samples of the shape %s, and now takes %s", tuple(a.Input), tuple(now.Input))
	}
	for i := range max(len(a.Layers), len(now.Layers)) {
		if i >= len(a.Layers) || i >= len(now.Layers) {
			return fmt.Sprintf("it had %d layers, and now has %d", len(a.Layers), len(now.Layers))
		}
		then, is := a.Layers[i], now.Layers[i]
		if then["class_name"] != is["class_name"] {
			return fmt.Sprintf("layer %d was a %v, and now is a %v", i+1, then["class_name"], is["class_name"])
		}
		for _, key := range slices.Sorted(maps.Keys(is)) {
			// Through JSON, so that 3 and 3.0 are the same.
			before, after := toJSON(then[key]), toJSON(is[key])
			if before != after {
				return fmt.Sprintf("the layer %v had %s = %s, and now has %s", is["name"], key, before, after)
			}
		}
	}
	return ""
}

func toJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v) // a number that is not finite
	}
	return string(b)
}
