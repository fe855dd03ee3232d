var C=`
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
[role=slider] { cursor: grab }
[role=slider]:focus-visible { outline: none }
[role=slider]:focus-visible > * { stroke: #000; stroke-width: 4 }
.controls hr { flex-basis: 100%; height: 0; margin: 0; border: 0 }
.says { margin: .2em 0; font-variant-numeric: tabular-nums }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
slot { display: none }
@media print { figure { display: none } slot { display: block } }`;function w(t,n){for(let e of document.querySelectorAll(`[data-explore="${t}"]`)){if(e.shadowRoot)continue;let o=e.attachShadow({mode:"open"});try{n(new v(e,o),JSON.parse(e.dataset.values))}catch(u){throw o.innerHTML="<slot></slot>",u}}}var v=class{#t=i("p",{class:"spoken",role:"status"});#e;constructor(n,e){n.setAttribute("data-lm-suppress-shortcuts",""),this.picture=S(n.querySelector("img")),this.controls=i("div",{class:"controls"}),this.says=i("p",{class:"says"}),this.caption=i("figcaption"),e.append(i("style",{},C),i("figure",{},this.picture,this.says,this.controls,this.caption,this.#t),i("slot"))}part(n){return this.picture.querySelector(`[data-name="${n}"]`)}say(n){this.says.textContent=n,clearTimeout(this.#e),this.#e=setTimeout(()=>{this.#t.textContent=n},600)}};function S(t){let n=Uint8Array.from(atob(t.src.split(",")[1]),o=>o.charCodeAt(0)),e=document.importNode(new DOMParser().parseFromString(new TextDecoder().decode(n),"image/svg+xml").documentElement,!0);return e.setAttribute("role","group"),e}function i(t,n={},...e){return j(document.createElement(t),n,e)}function j(t,n,e){return x(t,n),t.append(...e),t}function x(t,n){for(let[e,o]of Object.entries(n))t.setAttribute(e,o)}function k({label:t,min:n,max:e,step:o,value:u,text:p=r=>c(r,2),change:b}){let r=i("input",{type:"range",min:n,max:e,step:o,value:u}),d=i("span",{class:"value"}),m=h=>{d.textContent=p(h),r.setAttribute("aria-valuetext",d.textContent)};return r.addEventListener("input",()=>{m(r.valueAsNumber),b(r.valueAsNumber)}),m(u),{element:i("label",{},t,r,d),set(h){r.valueAsNumber=h,m(h)}}}function $({label:t,options:n,value:e,change:o}){let u=i("select",{},...n.map(p=>new Option(p,p,p===e,p===e)));return u.addEventListener("change",()=>o(u.value)),i("label",{},t,u)}function c(t,n){let e=t.toFixed(n);return Number(e)<0?e.replace("-","−"):e.replace("-","")}var y=t=>1/(1+Math.exp(-t)),E={linear:[t=>t,()=>1],threshold:[t=>t>0?1:0,()=>0],sigmoid:[y,t=>y(t)*(1-y(t))],tanh:[Math.tanh,t=>1-Math.tanh(t)**2],relu:[t=>t>0?t:0,t=>t>0?1:0],"leaky relu":[t=>t>0?t:.2*t,t=>t>0?1:.2],elu:[t=>t>0?t:Math.expm1(t),t=>t>0?1:Math.exp(t)]};w("neuron",(t,{inputs:n,weights:e,name:o,names:u,inputNames:p,weightNames:b})=>{let r=(s,f)=>{t.part(s).firstElementChild.textContent=f},d=()=>{let s=n.reduce((a,l,A)=>a+l*e[A+1],e[0]),f=E[o][0](s);n.forEach((a,l)=>r(`input${l+1}`,c(a,2))),e.forEach((a,l)=>{r(`weight${l}`,`${b[l]} = ${c(a,2)}`),x(t.part(`connection${l}`).firstElementChild,{class:a<0?"line orange dashed":"line blue",style:`stroke-width:${.75+2.5*Math.abs(a)}`})}),r("sum",c(s,2)),r("activation",o),r("output",c(f,2));let g=n.map((a,l)=>`${M(a)} · ${M(e[l+1])}`);t.say(`${c(e[0],2)} + ${g.join(" + ")} = ${c(s,2)}. ${o} makes ${c(f,2)} of it.`)},m=(s,f)=>s.map((g,a)=>k({label:f[a],min:-2,max:2,step:.05,value:g,change:l=>{s[a]=l,d()}}).element),h=(...s)=>i("div",{class:"column"},...s);t.controls.append(h(...m(n,p),$({label:"activation",options:u,value:o,change:s=>{o=s,d()}})),h(...m(e,b))),t.caption.textContent="Move the inputs x and the weights θ. Dashed connections have negative weights. Can you find weights with which only the first input counts?",d()});function M(t){return t<0?`(${c(t,2)})`:c(t,2)}
