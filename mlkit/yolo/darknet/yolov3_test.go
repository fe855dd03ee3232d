package darknet

import (
	"reflect"
	"testing"
)

func TestYOLOv3(t *testing.T) {
	c, err := YOLOv3()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.String(), "107 layers for pictures of 416 × 416 × 3, 62,001,757 parameters (248.0 MB), 65.864 BFLOPs"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if c, err = YOLOv3(Resize(608, 608)); err != nil {
		t.Fatal(err)
	}
	want := sharedConfig(t, "yolov3.cfg")
	for i, l := range c.Layers {
		if i < len(want.Layers) {
			l.Line = want.Layers[i].Line
		}
		if i >= len(want.Layers) || !reflect.DeepEqual(l, want.Layers[i]) {
			t.Fatalf("layer %d is %+v, in the authors' file it is not", i, l)
		}
	}
	if len(c.Layers) != len(want.Layers) {
		t.Errorf("%d layers, want %d", len(c.Layers), len(want.Layers))
	}
}
