package cpu

import (
	"reflect"

	"github.com/gomlx/compute"
)

// pullGradients moves the gradient of a relu before that of the max pooling which follows the relu: what a window
// passes back to its largest element counts if the largest element, the pooling's own result, is positive. There
// are as many of those as windows, not as elements.
func (g *graph) pullGradients() {
	pools := map[*value][]*node{}
	for _, n := range g.nodes {
		if n.op == compute.OpTypeReduceWindow && n.attrs[0] == compute.ReduceOpMax && all1(n.attrs[3].([]int)) && all1(n.attrs[4].([]int)) {
			pools[n.in[0]] = append(pools[n.in[0]], n)
		}
	}
	var nodes []*node
	for _, n := range g.nodes {
		nodes = append(nodes, n)
		if n.op != opReluGrad {
			continue
		}
		y, scatter := n.in[0], n.in[1].node
		if scatter.op != compute.OpTypeSelectAndScatterMax || scatter.in[0] != y || g.uses[n.in[1]] != 1 {
			continue
		}
		for _, pool := range pools[y] {
			if !reflect.DeepEqual([]any{pool.attrs[1], pool.attrs[2], pool.attrs[5]}, scatter.attrs) ||
				!pool.out[0].shape.Equal(scatter.in[1].shape) {
				continue
			}
			passed := &value{shape: scatter.in[1].shape}
			passed.node = &node{op: opReluGrad, in: []*value{pool.out[0], scatter.in[1]}, out: []*value{passed}}
			moved := *scatter
			moved.in, moved.out = []*value{y, passed}, n.out
			n.out[0].node = &moved
			nodes = append(nodes[:len(nodes)-1], passed.node, &moved)
			break
		}
	}
	g.nodes = nodes
	g.prune()
}
