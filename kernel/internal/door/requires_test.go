package door

// Ordinary GoNB notebooks import these packages. What they need in turn is in go.sum by being imported here, so
// that cells find it without a network.
import (
	_ "github.com/janpfeifer/gonb/gonbui"
	_ "github.com/janpfeifer/gonb/gonbui/comms"
	_ "github.com/janpfeifer/gonb/gonbui/dom"
	_ "github.com/janpfeifer/gonb/gonbui/widgets"
)
