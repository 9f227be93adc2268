(scheme) => {
  // what folds open must not be looked at while it fades in
  const still = document.createElement("style");
  still.textContent = "* { animation: none !important; transition: none !important; }";
  document.head.append(still);
  document.querySelectorAll("details").forEach((box) => { box.open = true; });
  const root = document.documentElement;
  const beyond = root.scrollWidth - root.clientWidth;

  // the contrast of two colours by WCAG 2.1, painted on a canvas so that every notation of a colour is understood
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const painted = (...colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => { const c = v / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = getComputedStyle(document.body).backgroundColor;
  const faint = [...document.querySelectorAll(".heat-up, .heat-down")].filter((cell) => {
    const style = getComputedStyle(cell);
    const [text, back] = [painted(style.color), painted(ground, style.backgroundColor)].map(luminance);
    return (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05) < 4.5;
  });

  return {
    layout: beyond > 0 ? [`${beyond} pixels wider than the window`] : [],
    scheme: root.dataset.theme === scheme ? [] : [`does not follow the ${scheme} colour scheme`],
    images: [...document.images].filter((i) => i.complete && !i.naturalWidth).map((i) => `${i.src} does not show`),
    contrast: faint.slice(0, 3).map((cell) => `too faint on its tint: ${cell.textContent}`),
  };
}
