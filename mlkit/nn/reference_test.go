package nn

import (
	"math"
	"math/rand/v2"
)

// This file computes models once more, in float64 and as plainly as possible, to hold the package against.

// ref is an array of float64.
type ref struct {
	shape []int
	data  []float64
}

func newRef(shape ...int) ref { return ref{shape, make([]float64, count(shape))} }

func (r ref) rows() int { return r.shape[0] }

// at is the index of [b, i, j, c].
func (r ref) at(b, i, j, c int) int {
	return ((b*r.shape[1]+i)*r.shape[2]+j)*r.shape[3] + c
}

func (r ref) each(f func(float64) float64) ref {
	out := newRef(r.shape...)
	for i, v := range r.data {
		out.data[i] = f(v)
	}
	return out
}

// refWeights are the weights of a model by "layer/weight".
type refWeights map[string]ref

func (w refWeights) clone() refWeights {
	c := refWeights{}
	for name, r := range w {
		c[name] = ref{r.shape, append([]float64(nil), r.data...)}
	}
	return c
}

func refForward(layers []placed, w refWeights, x ref, training bool) ref {
	for _, l := range layers {
		x = refLayer(l, w, x, training)
	}
	return x
}

func refLayer(l placed, w refWeights, x ref, training bool) ref {
	weight := func(name string) ref { return w[l.name+"/"+name] }
	switch l := l.Layer.(type) {
	case Conv2D:
		y := refWindows(x, l.window(), l.Filters, func(y ref, at int, b, i, j, f int) {
			kernel := weight("kernel")
			sum := 0.0
			if !l.NoBias {
				sum = weight("bias").data[f]
			}
			refInside(x, l.window(), i, j, func(k, m, row, column int) {
				for c := range x.shape[3] {
					sum += x.data[x.at(b, row, column, c)] * kernel.data[kernel.at(k, m, c, f)]
				}
			})
			y.data[at] = sum
		})
		return refActivate(l.Activation, y)
	case MaxPooling2D:
		return refWindows(x, l.window(), x.shape[3], func(y ref, at int, b, i, j, c int) {
			y.data[at] = math.Inf(-1)
			refInside(x, l.window(), i, j, func(_, _, row, column int) {
				y.data[at] = math.Max(y.data[at], x.data[x.at(b, row, column, c)])
			})
		})
	case AveragePooling2D:
		return refWindows(x, l.window(), x.shape[3], func(y ref, at int, b, i, j, c int) {
			n := 0.0
			refInside(x, l.window(), i, j, func(_, _, row, column int) {
				y.data[at] += x.data[x.at(b, row, column, c)]
				n++
			})
			y.data[at] /= n
		})
	case Flatten:
		return ref{[]int{x.rows(), len(x.data) / x.rows()}, x.data}
	case Dense:
		features, kernel := x.shape[len(x.shape)-1], weight("kernel")
		y := newRef(append(append([]int{}, x.shape[:len(x.shape)-1]...), l.Units)...)
		for r := range len(x.data) / features {
			for u := range l.Units {
				if !l.NoBias {
					y.data[r*l.Units+u] = weight("bias").data[u]
				}
				for f := range features {
					y.data[r*l.Units+u] += x.data[r*features+f] * kernel.data[f*l.Units+u]
				}
			}
		}
		return refActivate(l.Activation, y)
	case Activation:
		return refActivate(l.Function, x)
	case BatchNormalization:
		mean, variance := weight("moving_mean").data, weight("moving_variance").data
		if training {
			mean, variance = refMoments(x)
		}
		channels := len(mean)
		y := newRef(x.shape...)
		for i, v := range x.data {
			c := i % channels
			y.data[i] = (v-mean[c])/math.Sqrt(variance[c]+l.epsilon())*weight("gamma").data[c] + weight("beta").data[c]
		}
		return y
	}
	return x // dropout, which the tests leave at a rate of 0
}

// refWindows calls f for each number of what windows over x put out.
func refWindows(x ref, w window, channels int, f func(y ref, at, b, i, j, c int)) ref {
	out, err := w.output(x.shape[1:])
	if err != nil {
		panic(err)
	}
	y := newRef(x.rows(), out[0], out[1], channels)
	for b := range x.rows() {
		for i := range out[0] {
			for j := range out[1] {
				for c := range channels {
					f(y, y.at(b, i, j, c), b, i, j, c)
				}
			}
		}
	}
	return y
}

// refInside calls f for each cell k, m of the window at place i, j that lies inside the picture.
func refInside(x ref, w window, i, j int, f func(k, m, row, column int)) {
	pads := w.paddings(x.shape[1:])
	for k := range w.size[0] {
		for m := range w.size[1] {
			row, column := i*w.strides[0]+k-pads[0][0], j*w.strides[1]+m-pads[1][0]
			if row >= 0 && row < x.shape[1] && column >= 0 && column < x.shape[2] {
				f(k, m, row, column)
			}
		}
	}
}

func refMoments(x ref) (mean, variance []float64) {
	channels := x.shape[len(x.shape)-1]
	mean, variance = make([]float64, channels), make([]float64, channels)
	n := float64(len(x.data) / channels)
	for i, v := range x.data {
		mean[i%channels] += v / n
	}
	for i, v := range x.data {
		d := v - mean[i%channels]
		variance[i%channels] += d * d / n
	}
	return mean, variance
}

func refActivate(f Function, x ref) ref {
	switch f {
	case ReLU:
		return x.each(func(v float64) float64 { return math.Max(v, 0) })
	case LeakyReLU:
		return x.each(func(v float64) float64 { return math.Max(v, 0.2*v) })
	case Sigmoid:
		return x.each(func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	case Tanh:
		return x.each(math.Tanh)
	case Softmax:
		y, n := newRef(x.shape...), x.shape[len(x.shape)-1]
		for r := 0; r < len(x.data); r += n {
			sum := 0.0
			for i := range n {
				y.data[r+i] = math.Exp(x.data[r+i])
				sum += y.data[r+i]
			}
			for i := range n {
				y.data[r+i] /= sum
			}
		}
		return y
	}
	return x
}

// refLoss is the mean loss over a batch. Probabilities are far from 0 and 1 in the tests that use it.
func refLoss(loss Loss, y, p ref) float64 {
	sum, n := 0.0, p.shape[len(p.shape)-1]
	clip := func(v float64) float64 { return math.Min(math.Max(v, 1e-7), 1-1e-7) }
	switch loss {
	case MeanSquaredError:
		for i, v := range p.data {
			sum += (v - y.data[i]) * (v - y.data[i])
		}
		return sum / float64(len(p.data))
	case SparseCategoricalCrossentropy:
		for i, class := range y.data {
			sum -= math.Log(clip(p.data[i*n+int(class)]))
		}
		return sum / float64(len(y.data))
	}
	for i, v := range p.data {
		row := 0.0
		for _, q := range p.data[i/n*n : i/n*n+n] {
			row += q
		}
		sum -= y.data[i] * math.Log(clip(v/row))
	}
	return sum / float64(len(p.data)/n)
}

// refGradient is the gradient of the loss by central differences, for every weight that is trained.
func refGradient(layers []placed, w refWeights, loss Loss, x, y ref) refWeights {
	const h = 1e-5
	gradient := refWeights{}
	for _, l := range layers {
		for _, weight := range l.weights {
			if !weight.trainable {
				continue
			}
			name := l.name + "/" + weight.name
			g := newRef(weight.shape...)
			for i := range g.data {
				at := func(by float64) float64 {
					moved := w.clone()
					moved[name].data[i] += by
					return refLoss(loss, y, refForward(layers, moved, x, true))
				}
				g.data[i] = (at(h) - at(-h)) / (2 * h)
			}
			gradient[name] = g
		}
	}
	return gradient
}

// refOptimizer steps weights in place; slots are its own arrays, step counts from 1.
func refOptimizer(o Optimizer, w, gradient, slots refWeights, step int) {
	for name, g := range gradient {
		value := w[name]
		slot := func(kind string) ref {
			if _, ok := slots[kind+name]; !ok {
				slots[kind+name] = newRef(value.shape...)
			}
			return slots[kind+name]
		}
		for i, d := range g.data {
			switch o := o.(type) {
			case Adam:
				o = o.withDefaults()
				m, v := slot("m").data, slot("v").data
				m[i] = o.Beta1*m[i] + (1-o.Beta1)*d
				v[i] = o.Beta2*v[i] + (1-o.Beta2)*d*d
				rate := o.LearningRate * math.Sqrt(1-math.Pow(o.Beta2, float64(step))) / (1 - math.Pow(o.Beta1, float64(step)))
				value.data[i] -= rate * m[i] / (math.Sqrt(v[i]) + o.Epsilon)
			case SGD:
				velocity := slot("velocity").data
				velocity[i] = o.Momentum*velocity[i] - o.learningRate()*d
				value.data[i] += velocity[i]
			case RMSprop:
				o = o.withDefaults()
				square, momentum := slot("square").data, slot("momentum").data
				square[i] = o.Rho*square[i] + (1-o.Rho)*d*d
				momentum[i] = o.Momentum*momentum[i] + o.LearningRate*d/math.Sqrt(square[i]+o.Epsilon)
				value.data[i] -= momentum[i]
			}
		}
	}
}

// randomRef draws numbers around 0.
func randomRef(rng *rand.Rand, shape ...int) ref {
	r := newRef(shape...)
	for i := range r.data {
		r.data[i] = float64(float32(rng.NormFloat64()))
	}
	return r
}
