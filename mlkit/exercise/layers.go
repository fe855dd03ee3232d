package exercise

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// configured is what a model or a layer of mlkit/nn tells of itself, in Keras' words. It is asked
// through this interface so that a cell that only checks arrays does not link the engine.
type configured interface{ Config() map[string]any }

// layer is what is asked of one layer, in the words of its Config.
type layer struct {
	class, article string
	want           []setting
	hint           string
}

type setting struct {
	key   string
	value any
	what  string
}

// theNetwork is the digit lesson's, a layer a step.
var theNetwork = []struct {
	id string
	layer
}{
	{"withConv1", layer{"Conv2D", "a convolution layer (Conv2D)", []setting{
		{"filters", 32, "it has 32 filters"},
		{"kernel_size", []int{3, 3}, "its filters are 3×3"},
		{"activation", "relu", "its activation is relu"},
		{"input_shape", []int{28, 28, 1}, "it takes pictures of 28×28×1"},
	}, "nn.Conv2D{Filters: …, KernelSize: nn.Size{…, …}, Activation: nn.ReLU, InputShape: nn.Shape{height, width, depth}}"}},
	{"withPool1", layer{"MaxPooling2D", "a max pooling layer (MaxPooling2D)", []setting{
		{"pool_size", []int{2, 2}, "its windows are 2×2"},
	}, "nn.MaxPooling2D{PoolSize: nn.Size{…, …}}"}},
	{"withConv2", layer{"Conv2D", "a convolution layer (Conv2D)", []setting{
		{"filters", 64, "it has 64 filters"},
		{"kernel_size", []int{2, 2}, "its filters are 2×2"},
		{"activation", "relu", "its activation is relu"},
	}, "It is like the first convolution, with other numbers and without InputShape: only the first layer needs that."}},
	{"withPool2", layer{"MaxPooling2D", "a max pooling layer (MaxPooling2D)", []setting{
		{"pool_size", []int{2, 2}, "its windows are 2×2"},
	}, "It is the same as the first pooling layer."}},
	{"withFlatten", layer{"Flatten", "a flatten layer (Flatten)", nil, "nn.Flatten{} needs no numbers."}},
	{"withDense", layer{"Dense", "a dense layer (Dense)", []setting{
		{"units", 128, "it has 128 neurons"},
		{"activation", "relu", "its activation is relu"},
	}, "nn.Dense{Units: …, Activation: …}"}},
	{"withDropout", layer{"Dropout", "a dropout layer (Dropout)", []setting{
		{"rate", 0.4, "it switches off 40 % of the neurons"},
	}, "nn.Dropout{Rate: …}: the rate is a part of one, so 40 % is 0.4."}},
	{"network", layer{"Dense", "a dense layer (Dense)", []setting{
		{"units", 10, "it has 10 neurons, one for each digit"},
		{"activation", "softmax", "its activation is softmax, so that the ten numbers are probabilities"},
	}, "nn.Dense{Units: …, Activation: nn.Softmax}"}},
}

func init() {
	Register(Exercise{"started", []Rule{
		aModel("nn.Sequential(\"digits\") starts a model of that name."),
		{"its name is digits", func(answer any) string {
			switch name := answer.(configured).Config()["name"]; name {
			case "digits":
			case "":
				return "yours has no name yet"
			default:
				return fmt.Sprintf("yours is called %q", name)
			}
			return ""
		}, "The name goes between the parentheses, in quotes: nn.Sequential(\"digits\")."},
		{"it has no layers yet", func(answer any) string {
			if n := len(layers(answer)); n > 0 {
				return fmt.Sprintf("yours has %d", n)
			}
			return ""
		}, "The layers come one by one, in the next cells."},
	}})
	for i, step := range theNetwork {
		Register(Exercise{step.id, step.rules(i)})
	}
	Register(compiled(), trained(), Exercise{"summary", []Rule{{"it is the summary of the model", func(answer any) string {
		if isFunc(answer) {
			return "yours is " + kind(answer)
		}
		if s := fmt.Sprint(answer); !strings.Contains(s, "digits") || !strings.Contains(s, "304,906") {
			return "yours is something else"
		}
		return ""
	}, "The model has a method for it: model.Summary()."}}})
}

func aModel(hint string) Rule {
	return Rule{"it is a model", func(answer any) string {
		if m, ok := answer.(configured); !ok || m.Config()["class_name"] != "Sequential" {
			return "yours is " + kind(answer)
		}
		return ""
	}, hint}
}

// layers are the configurations of a model's layers, in order.
func layers(m any) []map[string]any {
	l, _ := m.(configured).Config()["layers"].([]map[string]any)
	return l
}

// rules are what is asked of the model after step i: i right layers, and this one after them.
func (l layer) rules(i int) []Rule {
	rules := []Rule{
		aModel("Begin with the model of the step before and call its method Add."),
		{"the layers before it are there", func(answer any) string {
			have := layers(answer)
			for j, step := range theNetwork[:i] {
				if j >= len(have) {
					return fmt.Sprintf("yours has %s before it in place of %d; Add goes on the model of the step before", count(len(have)-1), i)
				}
				if have[j]["class_name"] == "TODO" {
					return fmt.Sprintf("%v is still a TODO: fill in its cell and run it first", have[j]["name"])
				}
				if have[j]["class_name"] != step.class {
					return fmt.Sprintf("layer %d of yours is %v in place of %s", j+1, have[j]["class_name"], step.class)
				}
			}
			return ""
		}, "Each step adds one layer to the model of the step before."},
		{"one layer was added", func(answer any) string {
			if n := len(layers(answer)); n != i+1 {
				return fmt.Sprintf("the model has %s in place of %d", count(n), i+1)
			}
			return ""
		}, "Each step adds one layer to the model of the step before."},
		{"the new layer is " + l.article, func(answer any) string {
			if class := layers(answer)[i]["class_name"]; class != l.class {
				return fmt.Sprintf("yours is %v", class)
			}
			return ""
		}, l.hint},
	}
	for _, s := range l.want {
		rules = append(rules, Rule{s.what, func(answer any) string {
			got := layers(answer)[i][s.key]
			if same(got, s.value) {
				return ""
			}
			if got == nil || got == "" || got == "linear" {
				return "yours says nothing of it"
			}
			if list, ok := got.([]int); ok {
				if len(list) == 0 {
					return "yours says nothing of it"
				}
				return "yours says " + strings.ReplaceAll(strings.Trim(fmt.Sprint(list), "[]"), " ", "×")
			}
			return fmt.Sprintf("yours says %v", got)
		}, l.hint})
	}
	return rules
}

func count(n int) string {
	switch {
	case n <= 0:
		return "no layer"
	case n == 1:
		return "1 layer"
	}
	return fmt.Sprintf("%d layers", n)
}

func same(got, want any) bool {
	if w, ok := want.([]int); ok {
		g, ok := got.([]int)
		return ok && slices.Equal(g, w)
	}
	return fmt.Sprint(got) == fmt.Sprint(want)
}

func compiled() Exercise {
	const hint = `network.Compile(nn.Adam{}, nn.CategoricalCrossentropy, nn.Accuracy)`
	is := func(what, key, want string) Rule {
		return Rule{what, func(answer any) string {
			got := answer.(configured).Config()[key]
			if m, ok := got.(map[string]any); ok {
				got = m["class_name"]
			}
			if got == nil || got == "" {
				return "yours has none yet"
			}
			if got != want {
				return fmt.Sprintf("yours is %v", got)
			}
			return ""
		}, hint}
	}
	return Exercise{"model", []Rule{
		aModel(hint),
		{"it is the whole network", func(answer any) string {
			have := layers(answer)
			for i, step := range theNetwork {
				if i < len(have) && have[i]["class_name"] == "TODO" {
					return fmt.Sprintf("%v is still a TODO: fill in its cell and run it first", have[i]["name"])
				}
				if len(have) != len(theNetwork) || have[i]["class_name"] != step.class {
					return fmt.Sprintf("yours has %s in place of %d; compile network, the model of the last step", count(len(have)), len(theNetwork))
				}
			}
			return ""
		}, hint},
		is("its loss is categorical cross-entropy", "loss", "categorical_crossentropy"),
		is("its optimizer is Adam", "optimizer", "Adam"),
		{"it reports the accuracy", func(answer any) string {
			metrics, _ := answer.(configured).Config()["metrics"].([]string)
			if !slices.Contains(metrics, "accuracy") {
				return "yours reports only the loss"
			}
			return ""
		}, hint},
	}}
}

// trained asks for the history of a training as the lesson wants it. What accuracy it has to reach
// leaves room for a seed's luck, and for the synthetic digits.
func trained() Exercise {
	const hint = "model.Fit(xTrainNorm, yTrainCat, nn.FitOptions{Epochs: 10, ValidationX: xTestNorm, ValidationY: yTestCat}), within cell.Must(…)"
	values := reflect.TypeFor[map[string][]float64]()
	history := func(answer any) map[string][]float64 {
		if v := reflect.ValueOf(answer); v.CanConvert(values) {
			return v.Convert(values).Interface().(map[string][]float64)
		}
		return nil
	}
	return Exercise{"history", []Rule{
		{"the model was trained", func(answer any) string {
			if history(answer) == nil {
				return "yours is " + kind(answer)
			}
			if len(history(answer)["loss"]) == 0 {
				return "no epoch has run"
			}
			return ""
		}, hint},
		{"for 10 epochs", func(answer any) string {
			if n := len(history(answer)["loss"]); n != 10 {
				return fmt.Sprintf("yours ran %d", n)
			}
			return ""
		}, hint},
		{"with the test data as validation", func(answer any) string {
			if len(history(answer)["val_accuracy"]) == 0 {
				return "yours has no validation"
			}
			return ""
		}, hint},
		{"it reads at least 95 % of the test digits right", func(answer any) string {
			accuracy := history(answer)["val_accuracy"]
			if last := accuracy[len(accuracy)-1]; last < 0.95 {
				return fmt.Sprintf("yours reads %.1f %%; were the images normalised?", 100*last)
			}
			return ""
		}, hint},
	}}
}
