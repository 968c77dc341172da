// ResNet-50 with the stride on the 3x3 convolutions, as torchvision has it; the peers hold the same network.
import { nn, tidy } from '@mien/torch';

class Bottleneck extends nn.Module {
  constructor(inputs, width, stride) {
    super();
    const outputs = width * 4;
    this.conv1 = new nn.Conv2d(inputs, width, 1, { bias: false });
    this.bn1 = new nn.BatchNorm2d(width);
    this.conv2 = new nn.Conv2d(width, width, 3, { stride, padding: 1, bias: false });
    this.bn2 = new nn.BatchNorm2d(width);
    this.conv3 = new nn.Conv2d(width, outputs, 1, { bias: false });
    this.bn3 = new nn.BatchNorm2d(outputs);
    if (stride !== 1 || inputs !== outputs) {
      this.downsample = new nn.Sequential(
        new nn.Conv2d(inputs, outputs, 1, { stride, bias: false }),
        new nn.BatchNorm2d(outputs),
      );
    }
  }

  forward(x) {
    return tidy(() => {
      let y = this.bn1.forward(this.conv1.forward(x)).relu_();
      y = this.bn2.forward(this.conv2.forward(y)).relu_();
      y = this.bn3.forward(this.conv3.forward(y));
      return y.add_(this.downsample ? this.downsample.forward(x) : x).relu_();
    });
  }
}

export class ResNet50 extends nn.Module {
  constructor(outputs) {
    super();
    this.conv1 = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new nn.BatchNorm2d(64);
    this.pool = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
    let inputs = 64;
    [3, 4, 6, 3].forEach((depth, stage) => {
      const width = 64 << stage;
      const blocks = Array.from({ length: depth }, (_, i) => {
        const block = new Bottleneck(inputs, width, i === 0 && stage > 0 ? 2 : 1);
        inputs = width * 4;
        return block;
      });
      this[`layer${stage + 1}`] = new nn.Sequential(...blocks);
    });
    this.fc = new nn.Linear(inputs, outputs);
  }

  forward(x) {
    return tidy(() => {
      let y = this.pool.forward(this.bn1.forward(this.conv1.forward(x)).relu_());
      for (const layer of [this.layer1, this.layer2, this.layer3, this.layer4]) y = layer.forward(y);
      return this.fc.forward(y.mean([2, 3]));
    });
  }
}
