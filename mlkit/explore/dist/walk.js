var Q=`
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
@media print { figure { display: none } slot { display: block } }`;function I(n,e){for(let t of document.querySelectorAll(`[data-explore="${n}"]`)){if(t.shadowRoot)continue;let l=t.attachShadow({mode:"open"});try{e(new T(t,l),JSON.parse(t.dataset.values))}catch(P){throw l.innerHTML="<slot></slot>",P}}}var T=class{#t=c("p",{class:"spoken",role:"status"});#e;constructor(e,t){e.setAttribute("data-lm-suppress-shortcuts",""),this.picture=W(e.querySelector("img")),this.controls=c("div",{class:"controls"}),this.says=c("p",{class:"says"}),this.caption=c("figcaption"),t.append(c("style",{},Q),c("figure",{},this.picture,this.says,this.controls,this.caption,this.#t),c("slot"))}part(e){return this.picture.querySelector(`[data-name="${e}"]`)}say(e){this.says.textContent=e,clearTimeout(this.#e),this.#e=setTimeout(()=>{this.#t.textContent=e},600)}};function W(n){let e=Uint8Array.from(atob(n.src.split(",")[1]),l=>l.charCodeAt(0)),t=document.importNode(new DOMParser().parseFromString(new TextDecoder().decode(e),"image/svg+xml").documentElement,!0);return t.setAttribute("role","group"),t}function c(n,e={},...t){return _(document.createElement(n),e,t)}function b(n,e={},...t){return _(document.createElementNS("http://www.w3.org/2000/svg",n),e,t)}function _(n,e,t){return w(n,e),n.append(...t),n}function w(n,e){for(let[t,l]of Object.entries(e))n.setAttribute(t,l)}function x(n,e){let t=c("button",{type:"button"},n);return t.addEventListener("click",e),t}function M(n,e){let t=n.toFixed(e);return Number(t)<0?t.replace("-","−"):t.replace("-","")}function q(){return matchMedia("(prefers-reduced-motion: reduce)").matches}var Z=5e3,z=7e3;I("walk",(n,{stages:e,pixel:t,filter:l,bias:P})=>{let G=e.map((i,r)=>n.part(`stage-${r}`)),y=[b("rect",{class:"white"}),b("rect",{class:"white"})],v=[b("rect",{class:"bold orange"}),b("rect",{class:"bold orange"})];n.picture.append(...y,...v);let o=e.length-1,a=1,h;n.says.style.minHeight="4.6em";let k=()=>{G.forEach((s,u)=>{s.style.opacity=u<=o?1:.12});let{words:i,slide:r}=e[o];for(let s of[...y,...v])s.style.display=r?"":"none";n.say(`${o+1}. ${i}`+(r?` ${J(r)}`:"")),B.disabled=o===0&&a===1,R.disabled=o===e.length-1},J=({from:i,to:r,size:s,stride:u,side:p,input:U,output:E})=>{let N=a===1,S=N?E.indexOf(Math.max(...E)):Math.floor(a*p*p),d=Math.floor(S/p),m=S%p,C=(f,g,D,K)=>({x:f,y:g,width:t*D,height:t*K});w(v[0],C(i[0]+t*u*m,i[1]+t*u*d,s,s)),w(v[1],C(r[0]+t*m,r[1]+t*d,1,1)),w(y[0],C(r[0]+t*(m+1),r[1]+t*d,N?0:p-m-1,1)),w(y[1],C(r[0],r[1]+t*(d+1),p,N?0:p-d-1));let X=Math.sqrt(U.length),H=Array.from({length:s*s},(f,g)=>U[(u*d+Math.floor(g/s))*X+u*m+g%s]),j=M(E[S],2),L=`Row ${d}, column ${m}: `;if(u>1)return`${L}the largest of ${H.map(f=>M(f,2)).join(", ")} is ${j}.`;if(s!==3)return`${L}it becomes ${j}.`;let Y=H.reduce((f,g,D)=>f+g*l[D],P);return`${L}the sum is ${M(Y,2)}, so the map has ${j}.`},A=i=>{O(),[o,a]=[i,1],k()},O=()=>{h=void 0,$.textContent="Play"},F=i=>{if(!(h===void 0||!$.isConnected)){if(a+=(i-h)/(e[o].slide?z:Z),h=i,a>=1){if(o===e.length-1)return A(o);[o,a]=[o+1,0]}k(),requestAnimationFrame(F)}},$=x("Play",()=>{if(h!==void 0)return O(),k();a===1&&([o,a]=[(o+1)%e.length,0]),h=performance.now(),$.textContent="Pause",requestAnimationFrame(F)}),B=x("Back",()=>A(a===1?o-1:o)),R=x("Next",()=>A(o+1)),V=x("To the start",()=>A(0));n.controls.append(...q()?[]:[$],B,R,V),n.caption.textContent=q()?"Follow the digit with Back and Next.":"Play, or follow the digit with Back and Next. Pause while a window slides: which numbers are below it?",k()});
