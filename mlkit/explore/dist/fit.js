var L=`
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
@media print { figure { display: none } slot { display: block } }`;function b(e,r){for(let t of document.querySelectorAll(`[data-explore="${e}"]`)){if(t.shadowRoot)continue;let n=t.attachShadow({mode:"open"});try{r(new g(t,n),JSON.parse(t.dataset.values))}catch(a){throw n.innerHTML="<slot></slot>",a}}}var g=class{#t=s("p",{class:"spoken",role:"status"});#e;constructor(r,t){r.setAttribute("data-lm-suppress-shortcuts",""),this.picture=j(r.querySelector("img")),this.controls=s("div",{class:"controls"}),this.says=s("p",{class:"says"}),this.caption=s("figcaption"),t.append(s("style",{},L),s("figure",{},this.picture,this.says,this.controls,this.caption,this.#t),s("slot"))}part(r){return this.picture.querySelector(`[data-name="${r}"]`)}say(r){this.says.textContent=r,clearTimeout(this.#e),this.#e=setTimeout(()=>{this.#t.textContent=r},600)}};function j(e){let r=Uint8Array.from(atob(e.src.split(",")[1]),n=>n.charCodeAt(0)),t=document.importNode(new DOMParser().parseFromString(new TextDecoder().decode(r),"image/svg+xml").documentElement,!0);return t.setAttribute("role","group"),t}function s(e,r={},...t){return M(document.createElement(e),r,t)}function M(e,r,t){return x(e,r),e.append(...t),e}function x(e,r){for(let[t,n]of Object.entries(r))e.setAttribute(t,n)}function y({label:e,min:r,max:t,step:n,value:a,text:d=o=>D(o,2),change:m}){let o=s("input",{type:"range",min:r,max:t,step:n,value:a}),u=s("span",{class:"value"}),l=c=>{u.textContent=d(c),o.setAttribute("aria-valuetext",u.textContent)};return o.addEventListener("input",()=>{l(o.valueAsNumber),m(o.valueAsNumber)}),l(a),{element:s("label",{},e,o,u),set(c){o.valueAsNumber=c,l(c)}}}function w(e,r){let t=s("button",{type:"button"},e);return t.addEventListener("click",r),t}function k([e,r,t,n]){return{from:e,to:r,at:a=>t+(a-e)/(r-e)*(n-t),value:a=>e+(a-t)/(n-t)*(r-e)}}function A(e,r,t){return Math.min(Math.max(e,r),t)}function D(e,r){let t=e.toFixed(r);return Number(t)<0?t.replace("-","−"):t.replace("-","")}function C(){return matchMedia("(prefers-reduced-motion: reduce)").matches}b("fit",(e,{x:r,epochs:t,losses:n,curves:a,plane:d})=>{let[m,o]=d.map(k),u=e.part("curve").firstElementChild,l=t.length-1,c,p=i=>{let E=a[i].map((P,S)=>`${m.at(r[S])} ${o.at(A(P,o.from,o.to))}`);x(u,{d:"M"+E.join("L")}),v.set(i),e.say(`Epoch ${t[i]}: loss ${n[i].toFixed(4)}`)},f=()=>{clearInterval(c),h.textContent="Play",c=void 0},v=y({label:"epoch",min:0,max:l,step:1,value:l,text:i=>String(t[i]),change:i=>{f(),p(i)}}),h=w("Play",()=>{if(c)return f();if(C())return p(l);h.textContent="Pause";let i=0;c=setInterval(()=>{p(i),i++===l&&f()},120)});e.controls.append(h,v.element),e.caption.textContent="Press Play, or move the slider, and watch the curve find the points.",p(l)});
