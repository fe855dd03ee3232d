var j=`
:host { display: block; margin: .6em 0; font: 14px/1.5 var(--jp-ui-font-family, system-ui, sans-serif);
  color: var(--jp-ui-font-color1, inherit) }
figure { margin: 0; max-width: 48em }
svg { display: block; max-width: 100%; height: auto }
figcaption { margin: .4em 0 }
.controls { display: flex; flex-wrap: wrap; gap: .4em 1.2em; align-items: center; margin: .6em 0 }
.column { display: grid; gap: .4em; align-self: start }
.column label { justify-content: end }
label { display: flex; gap: .6em; align-items: center }
.value { min-width: 3.2em; font-variant-numeric: tabular-nums; font-weight: bold }
input[type=range] { width: 9em; accent-color: var(--jp-brand-color1, #0072b2) }
select, button { font: inherit; color: inherit; background: var(--jp-layout-color2, transparent);
  border: 1px solid var(--jp-ui-font-color2, currentColor); border-radius: 4px; padding: .2em .9em }
option { color: #222; background: #fff }
button { cursor: pointer }
:focus-visible { outline: 3px solid var(--jp-brand-color1, #1976d2); outline-offset: 2px }
[role=slider] { cursor: grab; touch-action: none }
[role=slider]:focus-visible { outline: none }
[role=slider]:focus-visible > * { stroke: #000; stroke-width: 4 }
.controls hr { flex-basis: 100%; height: 0; margin: 0; border: 0 }
.says { margin: .2em 0; font-variant-numeric: tabular-nums }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
slot { display: none }
@media print { figure { display: none } slot { display: block } }`;function v(e,n){for(let t of document.querySelectorAll(`[data-explore="${e}"]`)){if(t.shadowRoot)continue;let o=t.attachShadow({mode:"open"});try{n(new g(t,o),JSON.parse(t.dataset.values))}catch(a){throw o.innerHTML="<slot></slot>",a}}}var g=class{#t=s("p",{class:"spoken",role:"status"});#e;constructor(n,t){n.setAttribute("data-lm-suppress-shortcuts",""),this.picture=L(n.querySelector("img")),this.controls=s("div",{class:"controls"}),this.says=s("p",{class:"says"}),this.caption=s("figcaption"),t.append(s("style",{},j),s("figure",{},this.picture,this.says,this.controls,this.caption,this.#t),s("slot"))}part(n){return this.picture.querySelector(`[data-name="${n}"]`)}say(n){this.says.textContent=n,clearTimeout(this.#e),this.#e=setTimeout(()=>{this.#t.textContent=n},600)}};function L(e){let n=Uint8Array.from(atob(e.src.split(",")[1]),o=>o.charCodeAt(0)),t=document.importNode(new DOMParser().parseFromString(new TextDecoder().decode(n),"image/svg+xml").documentElement,!0);return t.setAttribute("role","group"),t}function s(e,n={},...t){return M(document.createElement(e),n,t)}function M(e,n,t){return x(e,n),e.append(...t),e}function x(e,n){for(let[t,o]of Object.entries(n))e.setAttribute(t,o)}function y({label:e,min:n,max:t,step:o,value:a,text:d=r=>D(r,2),change:m}){let r=s("input",{type:"range",min:n,max:t,step:o,value:a}),u=s("span",{class:"value"}),l=c=>{u.textContent=d(c),r.setAttribute("aria-valuetext",u.textContent)};return r.addEventListener("input",()=>{l(r.valueAsNumber),m(r.valueAsNumber)}),l(a),{element:s("label",{},e,r,u),set(c){r.valueAsNumber=c,l(c)}}}function w(e,n){let t=s("button",{type:"button"},e);return t.addEventListener("click",n),t}function k([e,n,t,o]){return{from:e,to:n,at:a=>t+(a-e)/(n-e)*(o-t),value:a=>e+(a-t)/(o-t)*(n-e)}}function A(e,n,t){return Math.min(Math.max(e,n),t)}function D(e,n){let t=e.toFixed(n);return Number(t)<0?t.replace("-","−"):t.replace("-","")}function C(){return matchMedia("(prefers-reduced-motion: reduce)").matches}v("fit",(e,{x:n,epochs:t,losses:o,curves:a,plane:d})=>{let[m,r]=d.map(k),u=e.part("curve").firstElementChild,l=t.length-1,c,p=i=>{let P=a[i].map((E,S)=>`${m.at(n[S])} ${r.at(A(E,r.from,r.to))}`);x(u,{d:"M"+P.join("L")}),b.set(i),e.say(`Epoch ${t[i]}: loss ${o[i].toFixed(4)}`)},h=()=>{clearInterval(c),f.textContent="Play",c=void 0},b=y({label:"epoch",min:0,max:l,step:1,value:l,text:i=>String(t[i]),change:i=>{h(),p(i)}}),f=w("Play",()=>{if(c)return h();if(C())return p(l);f.textContent="Pause";let i=0;c=setInterval(()=>{p(i),i++===l&&h()},120)});e.controls.append(f,b.element),e.caption.textContent="Press Play, or move the slider, and watch the curve find the points.",p(l)});
