package darknet

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

var update = flag.Bool("update", false, "write the table to testdata")

// shared is a file of real data beside the repository.
func shared(tb testing.TB, name string) string {
	path := filepath.Join("../../../../shared/data/darknet", name)
	if _, err := os.Stat(path); err != nil {
		tb.Skip("needs ", path)
	}
	return path
}

// sharedConfig is one of Darknet's own configurations.
func sharedConfig(tb testing.TB, name string, options ...Option) *Config {
	file, err := os.Open(shared(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	c, err := ParseConfig(file, options...)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// small has every kind of layer, and what a file may have besides.
const small = "\ufeff" + `# a comment
[network]
width = 64   ; another
height=32
channels=3
policy=steps

[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=leaky

[conv]
filters=8
groups=2
size=3
dilation=2
pad=1
padding=7
activation=mish
colour=blue

[shortcut]
from=-2
activation=relu

[dropout]
probability=.25

[max]
size=2
stride=1

[ maxpool ]
stride=2

[upsample]

[route]
layers=-1, 3
groups=2
group_id=1

[convolutional]
filters=14
filters=15

[yolo]
mask=1,2
anchors = 10,13,  16,30.5,  33,23
classes=2

[route]
layers=5

[convolutional]
size=5
filters=7
padding=2
activation=linear

[yolo]
mask=0
anchors = 10,13,  16,30.5,  33,23
classes=2
ignore_thresh = .7
truth_thresh = 0.9
scale_x_y = 1.05
`

func smallConfig(tb testing.TB) *Config {
	c, err := ParseConfig(strings.NewReader(strings.ReplaceAll(strings.Replace(small, "filters=14", "filters=14 # and not 15", 1), "\n", "\r\n")))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestParseConfig(t *testing.T) {
	c := smallConfig(t)
	if c.Width != 64 || c.Height != 32 || c.Channels != 3 || c.Net["width"] != "64" || c.Net["policy"] != "steps" || len(c.Net) != 4 {
		t.Errorf("%d × %d × %d, %v", c.Width, c.Height, c.Channels, c.Net)
	}
	anchors := [][2]float64{{10, 13}, {16, 30.5}, {33, 23}}
	want := []Layer{
		{8, Convolutional{8, 3, 2, 1, 1, 1, true, "leaky"}, Shape{32, 64, 3}, Shape{16, 32, 8}},
		{16, Convolutional{8, 3, 1, 2, 2, 2, false, "mish"}, Shape{16, 32, 8}, Shape{16, 32, 8}},
		{26, Shortcut{0, "relu"}, Shape{16, 32, 8}, Shape{16, 32, 8}},
		{30, Dropout{.25}, Shape{16, 32, 8}, Shape{16, 32, 8}},
		{33, MaxPool{2, 1, 1}, Shape{16, 32, 8}, Shape{16, 32, 8}},
		{37, MaxPool{2, 2, 1}, Shape{16, 32, 8}, Shape{8, 16, 8}},
		{40, Upsample{2}, Shape{8, 16, 8}, Shape{16, 32, 8}},
		{42, Route{[]int{6, 3}, 2, 1}, Shape{16, 32, 8}, Shape{16, 32, 8}},
		{47, Convolutional{14, 1, 1, 0, 1, 1, false, "logistic"}, Shape{16, 32, 8}, Shape{16, 32, 14}},
		{51, YOLO{[]int{1, 2}, anchors, 2, 1, .5, 1}, Shape{16, 32, 14}, Shape{16, 32, 14}},
		{56, Route{[]int{5}, 1, 0}, Shape{8, 16, 8}, Shape{8, 16, 8}},
		{59, Convolutional{7, 5, 1, 2, 1, 1, false, "linear"}, Shape{8, 16, 8}, Shape{8, 16, 7}},
		{65, YOLO{[]int{0}, anchors, 2, 1.05, .7, .9}, Shape{8, 16, 7}, Shape{8, 16, 7}},
	}
	if len(c.Layers) != len(want) {
		t.Fatalf("%d layers, want %d", len(c.Layers), len(want))
	}
	for i := range want {
		if got, want := fmt.Sprintf("%#v", c.Layers[i]), fmt.Sprintf("%#v", want[i]); got != want {
			t.Errorf("layer %d is\n%s, want\n%s", i, got, want)
		}
	}
	if n := c.Parameters(); n != 8*4+8*27+8+8*4*9+14+14*8+7+7*8*25 {
		t.Errorf("%d parameters", n)
	}
	if f := c.FLOPs(); f != 2*(8*27*16*32+8*4*9*16*32+14*8*16*32+7*8*25*8*16) {
		t.Errorf("%v FLOPs", f)
	}
}

// TestTable holds the table against the one that was looked at. Run it with -update to write it anew, and look.
func TestTable(t *testing.T) {
	const path = "testdata/table.txt"
	table := smallConfig(t).Table()
	if *update {
		if err := os.WriteFile(path, []byte(table), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if table != string(want) {
		t.Errorf("the table is\n%s, want\n%s", table, want)
	}
}

// The numbers of layers and parameters are Darknet's, and those of the lengths of the published weights.
func TestSharedConfigs(t *testing.T) {
	tests := []struct {
		name               string
		layers, parameters int
		gflops             float64 // to three places, as Darknet's are
		heads              []Shape
	}{
		{"yolov3.cfg", 107, 62001757, 140.692, []Shape{{19, 19, 255}, {38, 38, 255}, {76, 76, 255}}},
		{"yolov3-416.cfg", 107, 62001757, 65.864, []Shape{{13, 13, 255}, {26, 26, 255}, {52, 52, 255}}},
		{"yolov3-tiny.cfg", 24, (35434956 - 20) / 4, 5.565, []Shape{{13, 13, 255}, {26, 26, 255}}},
		{"yolo-fastest-1.1.cfg", 131, (1384268 - 20) / 4, 0.251, []Shape{{10, 10, 255}, {20, 20, 255}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := sharedConfig(t, test.name)
			var heads []Shape
			for _, l := range c.Layers {
				if _, ok := l.Kind.(YOLO); ok {
					heads = append(heads, l.Out)
				}
			}
			if len(c.Layers) != test.layers || c.Parameters() != test.parameters || fmt.Sprintf("%.3f", c.FLOPs()/1e9) != fmt.Sprintf("%.3f", test.gflops) || !slices.Equal(heads, test.heads) {
				t.Errorf("%d layers, %d parameters, %v FLOPs, heads %v", len(c.Layers), c.Parameters(), c.FLOPs(), heads)
			}
		})
	}
}

func TestResize(t *testing.T) {
	c := sharedConfig(t, "yolov3.cfg", Resize(416, 320))
	if out := c.Layers[82].Out; c.Width != 416 || c.Height != 320 || out != (Shape{10, 13, 255}) || c.Net["width"] != "608" {
		t.Errorf("%d × %d, first head %v, net %v", c.Width, c.Height, out, c.Net)
	}
	text, err := os.ReadFile(shared(t, "yolov3.cfg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		width, height int
		err           string
	}{
		{416, 600, "Darknet cfg, line 720, layer 98, [route]: layers=-1, 36: layer 97 gives 76 × 52 × 128 and layer 36 gives 75 × 52 × 256; heights and widths must be the same. The network's input is 416 × 600 pixels (width × height): choose multiples of 32"},
		{0, 416, "Darknet cfg: the network cannot be resized to 0 × 416 pixels (width × height): both must be from 1 to 8192"},
		{416, 8224, "Darknet cfg: the network cannot be resized to 416 × 8224 pixels (width × height): both must be from 1 to 8192"},
	} {
		if _, err := ParseConfig(strings.NewReader(string(text)), Resize(test.width, test.height)); err == nil || err.Error() != test.err {
			t.Errorf("%d × %d: error %v, want %s", test.width, test.height, err, test.err)
		}
	}
}

func TestParseConfigErrors(t *testing.T) {
	const net = "[net]\nwidth=32\nheight=16\nchannels=4\n" // 4 lines
	const conv = "[convolutional]\nfilters=4\n"            // and 2
	const yolo = "[yolo]\nanchors=1,2\nclasses=2\n"
	tests := []struct{ name, text, err string }{
		{"empty", "", "Darknet cfg: it has no [net] section; is the file empty?"},
		{"comments", "# nothing\n; here\n\n", "Darknet cfg: it has no [net] section; is the file empty?"},
		{"web page", "\n<!DOCTYPE html>\n<html><head><title>403\nForbidden</title>", `Darknet cfg: this is a web page, not a configuration: the server sent "403 Forbidden"`},
		{"weights", "\x00\x00\x00\x00\x02", "Darknet cfg: this is not text; is it a file of weights?"},
		{"long", strings.Repeat("#", 1<<20) + "\n", "Darknet cfg: it is larger than 1 MB; is it a file of weights?"},
		{"only net", net, "Darknet cfg: there are no layers after [net]"},
		{"net not first", conv + net, `Darknet cfg, line 1: the first section is "[convolutional]" and must be [net]`},
		{"two nets", net + conv + "[network]", "Darknet cfg, line 7: a second [net] section; a file describes one network"},
		{"unknown section", net + "[gru]", `Darknet cfg, line 5: the section "[gru]" is not known; the layers that can be read are [convolutional], [maxpool], [upsample], [route], [shortcut], [dropout], [yolo]`},
		{"open section", net + "[gru\n", `Darknet cfg, line 5: the name of a section has no ] after it: "[gru"`},
		{"no equals", net + "filters 5", `Darknet cfg, line 5: "filters 5" is neither a [section] nor a setting, which is written name=value`},
		{"no key", net + "=5", `Darknet cfg, line 5: "=5" is neither a [section] nor a setting, which is written name=value`},
		{"long line", net + strings.Repeat("ä", 100), `Darknet cfg, line 5: "` + strings.Repeat("ä", 60) + `…" is neither a [section] nor a setting, which is written name=value`},
		{"setting first", "width=5\n" + net, `Darknet cfg, line 1: the setting "width=5" stands before the first section, which must be [net]`},
		{"many layers", net + strings.Repeat("[dropout]\n", 1001), "Darknet cfg, line 1005: more than 1000 layers"},

		{"no width", "[net]\nheight=1\nchannels=1\n" + conv, "Darknet cfg, line 1, [net]: width= is missing"},
		{"no height", "[net]\nwidth=1\nchannels=1\n" + conv, "Darknet cfg, line 1, [net]: height= is missing"},
		{"no channels", "[net]\nwidth=1\nheight=1\n" + conv, "Darknet cfg, line 1, [net]: channels= is missing"},
		{"wide", "[net]\nheight=1\nwidth=8193\n" + conv, "Darknet cfg, line 3, [net]: width=8193: it must be a whole number from 1 to 8192"},
		{"wordy", "[net]\nheight=tall\nwidth=1\n" + conv, "Darknet cfg, line 2, [net]: height=tall: it must be a whole number from 1 to 8192"},
		{"overflow", "[net]\nchannels=99999999999999999999\nheight=1\nwidth=1\n" + conv, "Darknet cfg, line 2, [net]: channels=99999999999999999999: it must be a whole number from 1 to 65536"},

		{"no filters", net + "[convolutional]\nsize=3\n", "Darknet cfg, line 5, layer 0, [convolutional]: filters= is missing"},
		{"filters", net + "[dropout]\n[convolutional]\nfilters=0", "Darknet cfg, line 7, layer 1, [convolutional]: filters=0: it must be a whole number from 1 to 65536"},
		{"size", net + conv + "size=-1", "Darknet cfg, line 7, layer 0, [convolutional]: size=-1: it must be a whole number from 1 to 8192"},
		{"stride", net + conv + "stride=0", "Darknet cfg, line 7, layer 0, [convolutional]: stride=0: it must be a whole number from 1 to 8192"},
		{"strides", net + conv + "stride_x=2", "Darknet cfg, line 5, layer 0, [convolutional]: a stride of 2 to the right and of 1 down; they must be the same"},
		{"padding", net + conv + "padding=9999", "Darknet cfg, line 7, layer 0, [convolutional]: padding=9999: it must be a whole number from 0 to 8192"},
		{"dilation", net + conv + "size=3\ndilation=2", "Darknet cfg, line 8, layer 0, [convolutional]: dilation=2: it needs pad=1 and an odd size"},
		{"groups of filters", net + "[convolutional]\nfilters=6\ngroups=4", "Darknet cfg, line 7, layer 0, [convolutional]: groups=4: it must divide both its 4 channels and its 6 filters"},
		{"groups of channels", net + "[convolutional]\nfilters=6\ngroups=3", "Darknet cfg, line 7, layer 0, [convolutional]: groups=3: it must divide both its 4 channels and its 6 filters"},
		{"activation", net + conv + "activation=sine", "Darknet cfg, line 7, layer 0, [convolutional]: activation=sine: it must be one of elu, gelu, hard_mish, hardtan, leaky, lhtan, linear, loggy, logistic, mish, plse, ramp, relie, relu, relu6, selu, stair, swish, tanh"},
		{"unsupported", net + conv + "xnor=1", "Darknet cfg, line 7, layer 0, [convolutional]: xnor=1: only xnor=0 can be read"},
		{"too small", net + conv + "size=33", "Darknet cfg, line 5, layer 0, [convolutional]: its window is larger than what it looks at, 16 × 32 × 4, and leaves nothing"},
		{"parameters", net + "[convolutional]\nfilters=65536\n[convolutional]\nfilters=65536", "Darknet cfg, line 7, layer 1, [convolutional]: with its parameters the network has more than 1,000,000,000"},
		{"parameters beyond 32 bits", "[net]\nwidth=8192\nheight=1\nchannels=65536\n" + conv + "size=8192\npad=1", "Darknet cfg, line 5, layer 0, [convolutional]: with its parameters the network has more than 1,000,000,000"},
		{"padded beyond", net + conv + "padding=8192", "Darknet cfg, line 5, layer 0, [convolutional]: it gives 16400 × 16416 × 4, and a side has at most 8192 pixels"},
		{"values", "[net]\nwidth=8192\nheight=8192\nchannels=1\n[convolutional]\nfilters=17", "Darknet cfg, line 5, layer 0, [convolutional]: it gives 8192 × 8192 × 17, more than 1,073,741,824 numbers"},

		{"pool's padding", net + "[maxpool]\nsize=2\npadding=3", "Darknet cfg, line 7, layer 0, [maxpool]: padding=3: a window of 2 × 2 would see nothing but padding"},
		{"pool's size", net + "[maxpool]\nsize=17\npadding=0", "Darknet cfg, line 5, layer 0, [maxpool]: its window is larger than what it looks at, 16 × 32 × 4, and leaves nothing"},
		{"pool by depth", net + "[maxpool]\nmaxpool_depth=1", "Darknet cfg, line 6, layer 0, [maxpool]: maxpool_depth=1: only maxpool_depth=0 can be read"},
		{"upsample", net + "[upsample]\nstride=-2", "Darknet cfg, line 6, layer 0, [upsample]: stride=-2: it must be a whole number from 1 to 8192"},
		{"upsample scaled", net + "[upsample]\nscale=2", "Darknet cfg, line 6, layer 0, [upsample]: scale=2: only scale=1 can be read"},
		{"upsampled beyond", net + "[upsample]\nstride=512", "Darknet cfg, line 5, layer 0, [upsample]: it gives 8192 × 16384 × 4, and a side has at most 8192 pixels"},
		{"dropout", net + "[dropout]\nprobability=NaN", "Darknet cfg, line 6, layer 0, [dropout]: probability=NaN: it must be a number from 0 to 1"},

		{"route to nothing", net + conv + "[route]", "Darknet cfg, line 7, layer 1, [route]: layers= is missing"},
		{"route's list", net + conv + "[route]\nlayers=0,", `Darknet cfg, line 8, layer 1, [route]: layers=0,: it must be whole numbers with commas between them, and "" is none`},
		{"route to itself", net + conv + "[route]\nlayers=0,1", "Darknet cfg, line 8, layer 1, [route]: layers=0,1: layer 1 does not stand before this one; only earlier layers can be used"},
		{"route ahead", net + conv + "[route]\nlayers=5", "Darknet cfg, line 8, layer 1, [route]: layers=5: layer 5 does not stand before this one; only earlier layers can be used"},
		{"route too far back", net + conv + "[route]\nlayers=-2", "Darknet cfg, line 8, layer 1, [route]: layers=-2: there are no 2 layers before this one, only 1"},
		{"route first", net + "[route]\nlayers=-1", "Darknet cfg, line 6, layer 0, [route]: layers=-1: there are no 1 layers before this one, only 0"},
		{"route's sizes", net + conv + "[upsample]\n[route]\nlayers=0,1", "Darknet cfg, line 9, layer 2, [route]: layers=0,1: layer 0 gives 16 × 32 × 4 and layer 1 gives 32 × 64 × 4; heights and widths must be the same"},
		{"route's groups", net + conv + "[route]\nlayers=0\ngroups=3", "Darknet cfg, line 9, layer 1, [route]: groups=3: the 4 channels of layer 0 cannot be shared out among them"},
		{"route's group", net + conv + "[route]\nlayers=0\ngroups=2\ngroup_id=2", "Darknet cfg, line 10, layer 1, [route]: group_id=2: it must be a whole number from 0 to 1"},
		{"route's channels", net + "[convolutional]\nfilters=65536\n[route]\nlayers=0" + strings.Repeat(",0", 1000), "Darknet cfg, line 7, layer 1, [route]: it gives 16 × 32 × 131072, and there are at most 65536 channels"},
		{"route to a head", net + "[convolutional]\nfilters=7\n" + yolo + "[route]\nlayers=-1", "Darknet cfg, line 11, layer 2, [route]: layers=-1: layer 1 is a [yolo], which gives boxes, and no layer can look at them"},
		{"after a head", net + "[convolutional]\nfilters=7\n" + yolo + "[dropout]", "Darknet cfg, line 10, layer 2, [dropout]: what the [yolo] before it gives are boxes, which no layer can look at: a [route] to an earlier layer must come first"},

		{"shortcut first", net + "[shortcut]\nfrom=-1", "Darknet cfg, line 5, layer 0, [shortcut]: it adds to what the layer before gives, and there is none"},
		{"shortcut to nothing", net + conv + "[shortcut]", "Darknet cfg, line 7, layer 1, [shortcut]: from= is missing"},
		{"shortcut to two", net + conv + "[shortcut]\nfrom=-1,-2", "Darknet cfg, line 8, layer 1, [shortcut]: from=-1,-2: only one layer can be added"},
		{"shortcut ahead", net + conv + "[shortcut]\nfrom=1", "Darknet cfg, line 8, layer 1, [shortcut]: from=1: layer 1 does not stand before this one; only earlier layers can be used"},
		{"shortcut's sizes", net + conv + conv + "stride=5\n[shortcut]\nfrom=-2", "Darknet cfg, line 11, layer 2, [shortcut]: from=-2: layer 0 gives 16 × 32 × 4 and layer 1 gives 4 × 7 × 4; their shapes must be the same. The network's input is 32 × 16 pixels (width × height): choose multiples of 5"},
		{"shortcut's channels", net + conv + "[convolutional]\nfilters=3\n[shortcut]\nfrom=-2", "Darknet cfg, line 10, layer 2, [shortcut]: from=-2: layer 0 gives 16 × 32 × 4 and layer 1 gives 16 × 32 × 3; their shapes must be the same"},
		{"shortcut's weights", net + conv + "[shortcut]\nfrom=-1\nweights_type=per_channel", "Darknet cfg, line 9, layer 1, [shortcut]: weights_type=per_channel: only weights_type=none can be read"},
		{"shortcut's activation", net + conv + "[shortcut]\nfrom=-1\nactivation=", "Darknet cfg, line 9, layer 1, [shortcut]: activation=: it must be one of " + strings.Join(Activations(), ", ")},

		{"no anchors", net + "[yolo]\nclasses=2", "Darknet cfg, line 5, layer 0, [yolo]: anchors= is missing"},
		{"no classes", net + "[yolo]\nanchors=1,2", "Darknet cfg, line 5, layer 0, [yolo]: classes= is missing"},
		{"odd anchors", net + "[yolo]\nclasses=2\nanchors=1,2,3", "Darknet cfg, line 7, layer 0, [yolo]: anchors=1,2,3: 3 numbers, and each anchor has two: width and height"},
		{"infinite anchor", net + "[yolo]\nclasses=2\nanchors=1,Inf", `Darknet cfg, line 7, layer 0, [yolo]: anchors=1,Inf: it must be numbers above 0 with commas between them, and "Inf" is none`},
		{"negative anchor", net + "[yolo]\nclasses=2\nanchors=1, -2", `Darknet cfg, line 7, layer 0, [yolo]: anchors=1, -2: it must be numbers above 0 with commas between them, and " -2" is none`},
		{"mask", net + yolo + "mask=0,1", "Darknet cfg, line 8, layer 0, [yolo]: mask=0,1: there is no anchor 1; the 1 of them are counted from 0"},
		{"scale", net + yolo + "scale_x_y=0", "Darknet cfg, line 8, layer 0, [yolo]: scale_x_y=0: it must be a number from 0.01 to 100"},
		{"other coordinates", net + yolo + "new_coords=1", "Darknet cfg, line 8, layer 0, [yolo]: new_coords=1: only new_coords=0 can be read"},
		{"head's channels", net + conv + yolo, "Darknet cfg, line 7, layer 1, [yolo]: 1 anchors × (5 + 2 classes) are 7 channels, and the layer before gives 4: set filters=7 there"},
	}
	for _, test := range tests {
		c, err := ParseConfig(strings.NewReader(test.text))
		var typed *ConfigError
		if c != nil || !errors.As(err, &typed) || err.Error() != test.err {
			t.Errorf("%s: error\n%v, want\n%s", test.name, err, test.err)
		}
	}
	broken := errors.New("broken")
	if _, err := ParseConfig(iotest.ErrReader(broken)); err != broken {
		t.Errorf("error %v, want %v", err, broken)
	}
}

// A value that is written in another way is the same value.
func TestFixedSettings(t *testing.T) {
	text := "[net]\nwidth=8\nheight=8\nchannels=1\n[upsample]\nscale=1.\n[convolutional]\nfilters=1\nxnor=0\n[shortcut]\nfrom=0\nweights_type=none\n"
	if _, err := ParseConfig(strings.NewReader(text)); err != nil {
		t.Error(err)
	}
}

// Many strides must not overflow on the way to the hint.
func TestManyStrides(t *testing.T) {
	text := "[net]\nwidth=8\nheight=8\nchannels=1\n" + strings.Repeat("[maxpool]\nstride=8192\n", 99) + "[route]\nlayers=0,98\n"
	if c, err := ParseConfig(strings.NewReader(text)); err != nil || c.Layers[99].Out != (Shape{1, 1, 2}) {
		t.Error(c, err)
	}
}

func TestActivations(t *testing.T) {
	list := Activations()
	if !slices.IsSorted(list) {
		t.Error("not in alphabetical order:", list)
	}
	for _, name := range list {
		text := "[net]\nwidth=8\nheight=8\nchannels=1\n[convolutional]\nfilters=1\nactivation=" + name
		if c, err := ParseConfig(strings.NewReader(text)); err != nil || c.Layers[0].Kind.(Convolutional).Activation != name {
			t.Error(name, c, err)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(small)
	f.Add("[net]\nwidth=32\nheight=32\nchannels=3\n[convolutional]\nfilters=255\nsize=3\nstride=2\ndilation=1\n")
	f.Add("[net]\nwidth=8192\nheight=8192\nchannels=65536\n[maxpool]\nstride=8192\n[convolutional]\nfilters=65536\nsize=8192\npad=1\n")
	f.Add("[net]\nwidth=9\nheight=9\nchannels=8\n[maxpool]\n[route]\nlayers=-1,0\ngroups=2\ngroup_id=1\n[shortcut]\nfrom=0\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConfig(strings.NewReader(text))
		var typed *ConfigError
		if err != nil {
			if c != nil || !errors.As(err, &typed) {
				t.Fatal(c, err)
			}
			return
		}
		if n := c.Parameters(); len(c.Layers) > maxLayers || n < 0 || n > maxParameters || c.FLOPs() < 0 {
			t.Errorf("%d layers, %d parameters, %v FLOPs", len(c.Layers), n, c.FLOPs())
		}
		if lines := strings.Count(c.Table(), "\n"); lines != len(c.Layers)+2 {
			t.Errorf("%d lines for %d layers", lines, len(c.Layers))
		}
		for i, l := range c.Layers {
			for _, s := range []Shape{l.In, l.Out} {
				if min(s.Height, s.Width, s.Channels) < 1 || max(s.Height, s.Width) > maxSide || s.Channels > maxChannels {
					t.Errorf("layer %d: %v", i, s)
				}
			}
			sources := []int{}
			switch k := l.Kind.(type) {
			case Route:
				sources = k.Layers
			case Shortcut:
				sources = []int{k.From}
			}
			for _, n := range sources {
				if n < 0 || n >= i {
					t.Errorf("layer %d looks at layer %d", i, n)
				}
			}
		}
	})
}
