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
	if n := c.Parameters(); n != 62_001_757 {
		t.Errorf("%d parameters, want 62,001,757", n)
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
