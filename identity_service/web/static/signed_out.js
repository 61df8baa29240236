"use strict";
// On to the client as soon as every frame has loaded; one that does not load holds nobody up for long.
const LONGEST = 5000;
const goOn = () => location.replace(document.getElementById("continue").href);
addEventListener("load", goOn);
setTimeout(goOn, LONGEST);
