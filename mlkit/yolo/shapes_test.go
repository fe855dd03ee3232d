package yolo

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/gobackend"

	"gopherlens/assets/shapes"
	"gopherlens/mlkit/fetch/cache"
	"gopherlens/mlkit/yolo/dataset"
	"gopherlens/mlkit/yolo/detection"
	"gopherlens/mlkit/yolo/scenes"
	"gopherlens/mlkit/yolo/zoo"
)

// photos are scenes that are no squares.
type photos int

func (n photos) Len() int        { return int(n) }
func (n photos) Names() []string { return shapes.Names() }
func (n photos) Sample(i int) (dataset.Sample, error) {
	return scenes.Draw(uint64(1000+i), 320, 240), nil
}

// Our own detector finds what is on scenes that it has never seen, with the options' defaults, and needs no file.
func TestShapes(t *testing.T) {
	t.Setenv(zoo.Variable, "")
	t.Setenv(cache.Variable, t.TempDir())
	m, err := Load("shapes")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if size := len(shapes.Config) + len(shapes.Weights); size > 2_000_000 {
		t.Errorf("it is %d bytes large", size)
	}
	fresh := scenes.New(2, 400, m.Config.Width)
	if !slices.Equal(m.Names, fresh.Names()) {
		t.Errorf("its classes are %v, those of the scenes %v", m.Names, fresh.Names())
	}
	for _, test := range []struct {
		name  string
		set   dataset.Set
		least float64
	}{{"scenes", fresh, 0.9}, {"letterboxed", photos(200), 0.82}} {
		r, err := Evaluate(m, test.set, Options{Options: detection.Options{Score: 0.005}})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: mAP@0.5 %.3f, mAP@[.5:.95] %.3f", test.name, r.MAP50, r.MAP)
		if r.MAP50 < test.least {
			t.Errorf("%s: mAP@0.5 is %.3f, less than %.2f", test.name, r.MAP50, test.least)
		}
	}
}

// It finds what is on the samples, at the thresholds that a learner begins with.
func TestShapesSamples(t *testing.T) {
	m, err := Load("shapes")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	missed, wrong := 0, 0
	for i, s := range scenes.Samples() {
		found, err := m.Detect(s.Image, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range s.Objects {
			at := slices.IndexFunc(found, func(d detection.Detection) bool { return d.Class == o.Class && d.Box.IoU(o.Box) > 0.6 })
			if at < 0 {
				missed++
				t.Logf("sample %d: no %s at %v", i, m.Names[o.Class], o.Box)
				continue
			}
			found = slices.Delete(found, at, at+1)
		}
		for _, d := range found {
			wrong++
			t.Logf("sample %d: no such %+v", i, d)
		}
	}
	if missed > 1 || wrong > 1 {
		t.Errorf("%d objects are missed, and %d found that are not there", missed, wrong)
	}
}

// It finds the same on GoMLX's stock backend.
func TestShapesStock(t *testing.T) {
	m, err := Load("shapes")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	w, err := ReadWeights("shapes", m.Config)
	if err != nil {
		t.Fatal(err)
	}
	stock, err := newOn(gobackend.GetBackend(), m.Config, w, m.Names, DarknetEpsilon)
	if err != nil {
		t.Fatal(err)
	}
	defer stock.Close()
	img := scenes.Samples()[0].Image
	want, err := m.Detect(img, Options{})
	if err != nil || len(want) == 0 {
		t.Fatalf("%d detections, %v", len(want), err)
	}
	got, err := stock.Detect(img, Options{})
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d detections, want %d (%v)", len(got), len(want), err)
	}
	for i := range want {
		if got[i].Class != want[i].Class || math.Abs(got[i].Score-want[i].Score) > 1e-3 || got[i].Box.IoU(want[i].Box) < 0.998 {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}
