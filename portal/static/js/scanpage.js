// The page that scans: whatever sign is read is opened.

const data = JSON.parse(document.getElementById("scan-data").textContent);
import(data.module).then(({ openScanner }) => {
  openScanner(document.querySelector("[data-scanner]"), data, (path) => location.assign(path));
  document.documentElement.dataset.ready = "scan";
});
